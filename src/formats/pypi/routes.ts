import { type PackageCoordinate, unitOf } from '../../core/coordinates.ts';
import { PackyardError, packageNotFound } from '../../core/errors.ts';
import { packageNames } from '../../core/held-packages.ts';
import { isKnown, surveyPackage, viewPackage } from '../../core/package-view.ts';
import { publishVersion } from '../../core/publish-version.ts';
import { resolveAsset } from '../../core/resolve-asset.ts';
import type { Exchange } from '../exchange.ts';
import type { FormatRoute } from '../format.ts';
import { type Negotiated, negotiate } from './accept.ts';
import { fileMetadata, metadataEnding } from './file-metadata.ts';
import { ingest } from './ingest.ts';
import { isProjectName, normalizeName } from './names.ts';
import { simplePage } from './render.ts';
import { pypiRules } from './rules.ts';
import { projectList } from './simple-index.ts';

/** A page may change with any upload, so clients ask each time; a file never changes. */
const revalidated = { 'cache-control': 'private, no-cache', vary: 'Accept, Accept-Encoding' };
const immutable = { 'cache-control': 'private, max-age=31536000, immutable' };

/**
 * The simple index and the legacy upload API below a repository's endpoint. A path's last part is empty where it ends in
 * `/`. Source: reference `formats/pypi.md` section 1.
 */
export const pypiRoutes: readonly FormatRoute[] = [
  { method: 'POST', path: '', action: 'PublishPackageVersion', isPackageInBody: true, handle: upload },
  { method: 'POST', path: 'simple', action: 'ReadFromRepository', handle: refuseUpload },
  { method: 'POST', path: 'simple/', action: 'ReadFromRepository', handle: refuseUpload },
  { method: 'GET', path: 'simple', action: 'ReadFromRepository', isExtra: true, handle: toList },
  { method: 'GET', path: 'simple/', action: 'ReadFromRepository', isExtra: true, handle: list },
  { method: 'GET', path: 'simple/:project', action: 'ReadFromRepository', coordinate, handle: toPage },
  { method: 'GET', path: 'simple/:project/', action: 'ReadFromRepository', coordinate, handle: page },
  { method: 'GET', path: 'simple/:project/:version/:file', action: 'ReadFromRepository', coordinate, handle: file },
];

/** POST to the endpoint: one file of a version. */
async function upload(exchange: Exchange): Promise<void> {
  const { deps, headers } = exchange;
  const sent = { body: exchange.body(), contentType: headers['content-type'] ?? '' };
  const permit = (wanted: PackageCoordinate) => exchange.authorize('PublishPackageVersion', wanted);
  await ingest(deps, sent, permit, async ({ coordinate: wanted, version }) => {
    await publishVersion(deps, exchange.target, pypiRules, wanted, version);
  });
  await exchange.answer.text(200, '');
}

/** A tool that was given the index's address for uploads is told so: a 404 would be taken for a repository's absence. */
async function refuseUpload({ endpoint }: Exchange): Promise<void> {
  throw new PackyardError(
    'MethodNotAllowedException',
    `Packages are uploaded to the repository's endpoint, ${endpoint}, not to its index below it.`,
  );
}

/** GET /simple: its links would lead elsewhere without the slash. */
async function toList({ answer }: Exchange): Promise<void> {
  await answer.text(301, '', { location: 'simple/' });
}

/** GET /simple/: the projects of the repository and its upstreams. */
async function list(exchange: Exchange): Promise<void> {
  const { deps, target, answer } = exchange;
  const as = negotiated(exchange);
  const names = await packageNames(deps, target, pypiRules.name);
  await answer.prepared(await deps.prepared.once(async () => projectList(names, as)), revalidated);
}

/** GET /simple/{project} */
async function toPage(exchange: Exchange): Promise<void> {
  const { name } = coordinateOf(exchange);
  await exchange.answer.text(301, '', { location: `${name}/` });
}

/** GET /simple/{project}/: the page of all its files. */
async function page(exchange: Exchange): Promise<void> {
  const { deps, moment, target, params, isStrict, answer } = exchange;
  const wanted = coordinateOf(exchange);
  if (params['project'] !== wanted.name) {
    await answer.text(301, '', { location: `../${wanted.name}/` });
    return;
  }
  const as = negotiated(exchange);
  const survey = await surveyPackage(deps, moment, target, wanted);
  const notFound = () => packageNotFound('pypi', wanted.name, target.repository.name);
  if (!isKnown(survey)) throw notFound();
  const render = async () => {
    const view = await viewPackage(deps, survey);
    // A project without listed files is as good as none.
    if (view.versions.length === 0) throw survey.faults[0] ?? notFound();
    return simplePage(view, as, isStrict);
  };
  // What is kept outlives the settings.
  const representation = `${as.contentType}${isStrict ? ' strict' : ''}`;
  const key = { repositoryId: target.repository.id, unit: unitOf(wanted), representation };
  const prepared = survey.isComplete
    ? await deps.prepared.of(key, survey.stamp, '', render)
    : await deps.prepared.once(render);
  await answer.prepared(prepared, revalidated);
}

/** GET /simple/{project}/{version}/{file}, and with `.metadata` behind. */
async function file(exchange: Exchange): Promise<void> {
  const { deps, moment, target, params, method, headers, isStrict, answer } = exchange;
  const { version = '', file: name = '' } = params;
  const wanted = coordinateOf(exchange);
  if (name.endsWith(metadataEnding) && !isStrict) {
    const wheel = name.slice(0, -metadataEnding.length);
    await answer.prepared(await fileMetadata(deps, target, wanted, version, wheel), immutable);
    return;
  }
  const found = await resolveAsset(deps, moment, target, wanted, version, name);
  // Who wants a part, or to know whether parts can be had, gets them of the stored file.
  if (found.sha256 === undefined && (method === 'HEAD' || headers.range !== undefined)) {
    await found.hashes();
    const now = await deps.present.moment();
    await answer.asset(await resolveAsset(deps, now, target, wanted, version, name), immutable);
    return;
  }
  await answer.asset(found, immutable);
}

function negotiated({ headers }: Exchange): Negotiated {
  const as = negotiate(headers.accept);
  if (as !== undefined) return as;
  throw new PackyardError(
    'ValidationException',
    'None of the types in Accept is served: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html and text/html are.',
    { status: 406 },
  );
}

function coordinate({ project = '' }: Readonly<Record<string, string>>): PackageCoordinate | undefined {
  return isProjectName(project) ? { format: 'pypi', namespace: null, name: normalizeName(project) } : undefined;
}

function coordinateOf({ params, target }: Exchange): PackageCoordinate {
  const wanted = coordinate(params);
  if (wanted === undefined) throw packageNotFound('pypi', params['project'] ?? '', target.repository.name);
  return wanted;
}
