import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import { unitOf } from '../../core/coordinates.ts';
import { displayVersions } from '../../core/display-versions.ts';
import { invalid, PackyardError, packageNotFound, versionNotFound } from '../../core/errors.ts';
import { deletePackageTag, setPackageTag } from '../../core/package-tags.ts';
import { isKnown, type PackageSurvey, type PackageView, surveyPackage, viewPackage } from '../../core/package-view.ts';
import type { Prepared, Rendering } from '../../core/prepared.ts';
import { publishVersion } from '../../core/publish-version.ts';
import { readAll } from '../../core/read-all.ts';
import { resolveAsset } from '../../core/resolve-asset.ts';
import { resolveVersion } from '../../core/resolve-version.ts';
import type { Exchange } from '../exchange.ts';
import type { FormatRoute } from '../format.ts';
import { ingest } from './ingest.ts';
import { checkNewName, checkTag, fullName, parsePackageName, parseVersion, versionOfTarball } from './names.ts';
import { tarballAsset } from './remote.ts';
import {
  abbreviatedPackument,
  abbreviatedType,
  distTags,
  distTagsDocument,
  fullPackument,
  manifest,
} from './render.ts';
import { npmRules } from './rules.ts';
import { search } from './search.ts';

/** A packument may change with any publish, so clients ask each time; a tarball never changes. */
const revalidated = { 'cache-control': 'private, no-cache', vary: 'Accept, Accept-Encoding' };
const immutable = { 'cache-control': 'private, max-age=31536000, immutable' };

const maxJsonBytes = 64 * 1024;

/** The npm registry protocol below a repository's endpoint. Source: reference `formats/npm.md` section 1. */
export const npmRoutes: readonly FormatRoute[] = [
  { method: 'GET', path: '-/ping', action: 'ReadFromRepository', handle: ({ answer }) => answer.json(200, {}) },
  { method: 'GET', path: '-/whoami', action: 'ReadFromRepository', isExtra: true, handle: whoami },
  { method: 'GET', path: '-/v1/search', action: 'ReadFromRepository', isExtra: true, handle: search },
  {
    method: 'GET',
    path: '-/npm/v1/keys',
    action: 'ReadFromRepository',
    isExtra: true,
    handle: ({ answer }) => answer.json(200, { keys: [] }),
  },
  { method: 'GET', path: '-/package/:package/dist-tags', action: 'ReadFromRepository', coordinate, handle: listTags },
  {
    method: 'PUT',
    path: '-/package/:package/dist-tags/:tag',
    action: 'PutPackageMetadata',
    coordinate,
    handle: putTag,
  },
  {
    method: 'DELETE',
    path: '-/package/:package/dist-tags/:tag',
    action: 'PutPackageMetadata',
    coordinate,
    handle: dropTag,
  },
  { method: 'GET', path: ':package/-/:file', action: 'ReadFromRepository', coordinate, handle: tarball },
  { method: 'GET', path: ':package', action: 'ReadFromRepository', coordinate, handle: packument },
  {
    method: 'GET',
    path: ':package/:selector',
    action: 'ReadFromRepository',
    coordinate,
    isExtra: true,
    handle: oneManifest,
  },
  { method: 'PUT', path: ':package', action: 'PublishPackageVersion', coordinate, handle: put },
  { method: 'PUT', path: ':package/-rev/:rev', action: 'PublishPackageVersion', coordinate, handle: refuseUnpublish },
  {
    method: 'DELETE',
    path: ':package/-rev/:rev',
    action: 'PublishPackageVersion',
    coordinate,
    handle: refuseUnpublish,
  },
  {
    method: 'DELETE',
    path: ':package/-/:file/-rev/:rev',
    action: 'PublishPackageVersion',
    coordinate,
    handle: refuseUnpublish,
  },
];

/** GET /{p}: the packument; abbreviated where the client asks for it, full with `?write=true`. */
async function packument(exchange: Exchange): Promise<void> {
  const { endpoint, query, headers, answer } = exchange;
  const isAbbreviated = query.get('write') !== 'true' && prefersAbbreviated(headers.accept);
  const survey = await surveyed(exchange);
  const prepared = await preparedOf(exchange, survey, isAbbreviated ? 'abbreviated' : 'full', async () => {
    const view = await viewed(exchange, survey);
    if (isAbbreviated) return abbreviatedPackument(view, endpoint);
    return fullPackument(view, endpoint, couchRevision(survey), await readmeOf(exchange, view));
  });
  await answer.prepared(prepared, revalidated);
}

/** GET /{p}/{version or tag}: one manifest, read without the others. */
async function oneManifest(exchange: Exchange): Promise<void> {
  const { deps, target, params, endpoint, answer } = exchange;
  const wanted = coordinateOf(exchange);
  const selector = params['selector'] ?? '';
  const exact = parseVersion(selector) === selector ? selector : undefined;
  const version = exact ?? (await tagsOf(exchange))[selector];
  const found = version === undefined ? undefined : await resolveVersion(deps, target, wanted, version);
  if (found === undefined) throw versionNotFound('npm', fullName(wanted), selector, target.repository.name);
  await answer.prepared(await deps.prepared.once(async () => manifest(wanted, found, endpoint)), revalidated);
}

/** GET /{p}/-/{file}.tgz */
async function tarball(exchange: Exchange): Promise<void> {
  const { deps, moment, target, params, answer } = exchange;
  const wanted = coordinateOf(exchange);
  const file = params['file'] ?? '';
  const version = versionOfTarball(wanted, file);
  if (version === undefined) {
    throw new PackyardError('ResourceNotFoundException', `'${file}' is not a tarball of '${fullName(wanted)}'.`, {
      resourceType: 'asset',
      resourceId: file,
    });
  }
  await answer.asset(await resolveAsset(deps, moment, target, wanted, version, tarballAsset), immutable);
}

/** PUT /{p}: a publish when the document has a tarball, else a change of deprecations. */
async function put(exchange: Exchange): Promise<void> {
  const { deps, caller, target, answer } = exchange;
  const wanted = coordinateOf(exchange);
  await ingest(deps, wanted, exchange.body(), caller.principal, async (ingested) => {
    if (ingested.kind === 'display') {
      await displayVersions(deps, target, wanted, ingested.displays);
      return;
    }
    const [known] = await deps.storage.packages.findIn([target.repository.id], wanted);
    if (known === undefined) checkNewName(wanted);
    await publishVersion(deps, target, npmRules, wanted, ingested.version);
  });
  await answer.json(200, { ok: true, success: true });
}

/** GET /-/package/{p}/dist-tags */
async function listTags(exchange: Exchange): Promise<void> {
  await exchange.answer.prepared(await preparedTags(exchange), revalidated);
}

async function tagsOf(exchange: Exchange): Promise<Record<string, string>> {
  const prepared = await preparedTags(exchange);
  return Object.assign(Object.create(null), JSON.parse((await prepared.plain()).toString('utf8')));
}

async function preparedTags(exchange: Exchange): Promise<Prepared> {
  const survey = await surveyed(exchange);
  return preparedOf(exchange, survey, 'dist-tags', async () => distTagsDocument(await viewed(exchange, survey)));
}

/** PUT /-/package/{p}/dist-tags/{tag}; the body is the version as a JSON string. */
async function putTag(exchange: Exchange): Promise<void> {
  const { deps, target, params, answer } = exchange;
  const tag = params['tag'] ?? '';
  checkTag(tag);
  const given = await readJson(exchange.body());
  const version = typeof given === 'string' ? parseVersion(given) : undefined;
  if (version === undefined) throw invalid(`The body must be a version as a JSON string, like "1.0.0".`);
  await setPackageTag(deps, target, coordinateOf(exchange), tag, version);
  await answer.json(200, { ok: true });
}

/** DELETE /-/package/{p}/dist-tags/{tag} */
async function dropTag(exchange: Exchange): Promise<void> {
  const { deps, target, params, answer } = exchange;
  await deletePackageTag(deps, target, coordinateOf(exchange), params['tag'] ?? '');
  await answer.json(200, { ok: true });
}

/** GET /-/whoami */
async function whoami({ caller, answer }: Exchange): Promise<void> {
  await answer.json(200, { username: caller.principal });
}

/** CodeArtifact has no unpublish. A 404 would not do: libnpmpublish takes it for success. */
async function refuseUnpublish(): Promise<void> {
  throw new PackyardError(
    'MethodNotAllowedException',
    'Unpublishing is not supported. Use DeletePackageVersions (aws codeartifact delete-package-versions) or npm deprecate.',
  );
}

function coordinate(params: Readonly<Record<string, string>>): PackageCoordinate | undefined {
  return parsePackageName(params['package'] ?? '');
}

function coordinateOf({ params, target }: Exchange): PackageCoordinate {
  const wanted = coordinate(params);
  if (wanted === undefined) throw packageNotFound('npm', params['package'] ?? '', target.repository.name);
  return wanted;
}

async function surveyed(exchange: Exchange): Promise<PackageSurvey> {
  const wanted = coordinateOf(exchange);
  const survey = await surveyPackage(exchange.deps, exchange.moment, exchange.target, wanted);
  if (!isKnown(survey)) throw packageNotFound('npm', fullName(wanted), exchange.target.repository.name);
  return survey;
}

/** The view of a package that has something to list; a package without listed versions is as good as none. */
async function viewed(exchange: Exchange, survey: PackageSurvey): Promise<PackageView> {
  const view = await viewPackage(exchange.deps, survey);
  if (view.versions.length > 0) return view;
  throw survey.faults[0] ?? packageNotFound('npm', fullName(view.coordinate), exchange.target.repository.name);
}

async function preparedOf(
  { deps, target, endpoint }: Exchange,
  survey: PackageSurvey,
  representation: string,
  render: () => Promise<Rendering>,
): Promise<Prepared> {
  if (!survey.isComplete) return deps.prepared.once(render);
  const key = { repositoryId: target.repository.id, unit: unitOf(survey.coordinate), representation };
  return deps.prepared.of(key, survey.stamp, endpoint, render);
}

/** The readme of the version under `latest`, where a repository of ours has it. */
async function readmeOf({ deps }: Exchange, view: PackageView): Promise<string | undefined> {
  const latest = distTags(view).get('latest');
  const id = view.versions.find(({ version }) => version === latest)?.versionId;
  return id === undefined ? undefined : deps.storage.versions.readme(id);
}

/** `_rev` in CouchDB's shape: it changes whenever the view does. */
function couchRevision({ stamp }: PackageSurvey): string {
  return `1-${createHash('sha256').update(stamp).digest('hex').slice(0, 32)}`;
}

/** Whether `Accept` ranks the abbreviated type first, as npm, pnpm, yarn 1 and bun write it for installs. */
function prefersAbbreviated(accept: string | undefined): boolean {
  return accept?.trimStart().startsWith(abbreviatedType) === true;
}

async function readJson(body: Readable): Promise<unknown> {
  const message = `The body is larger than ${maxJsonBytes} bytes.`;
  const bytes = await readAll(body, maxJsonBytes, () => new PackyardError('PayloadTooLargeException', message));
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('The body is not JSON.', 'CANNOT_PARSE');
  }
}
