import { assetSummary } from '../../core/control/asset-summary.ts';
import { publishAsset } from '../../core/control/publish-asset.ts';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import { invalid } from '../../core/errors.ts';
import { resolveAsset } from '../../core/resolve-asset.ts';
import type { Exchange } from '../exchange.ts';
import type { FormatRoute } from '../format.ts';
import { announcedHashes } from './announced-hashes.ts';
import { genericRules } from './rules.ts';

/** Only what is finished is given out, and that never changes. */
const immutable = { 'cache-control': 'private, max-age=31536000, immutable' };

const path = ':namespace/:package/:version/:asset';

/**
 * Generic packages for tools that have a token and cannot sign. AWS has the API alone (reference
 * `formats/generic.md`, 5), so all of it is extra.
 */
export const genericRoutes: readonly FormatRoute[] = [
  { method: 'GET', path, action: 'ReadFromRepository', isExtra: true, coordinate, handle: download },
  { method: 'PUT', path, action: 'PublishPackageVersion', isExtra: true, coordinate, handle: upload },
];

/** GET /{namespace}/{package}/{version}/{asset} */
async function download({ deps, moment, target, params, answer }: Exchange): Promise<void> {
  const { version = '', asset = '' } = params;
  await answer.asset(await resolveAsset(deps, moment, target, coordinate(params), version, asset), immutable);
}

/**
 * PUT /{namespace}/{package}/{version}/{asset}: the body is the asset. Answers as PublishPackageVersion does, 201 when
 * something came of it and 200 when all of it was there.
 */
async function upload(exchange: Exchange): Promise<void> {
  const { deps, target, params, query, headers, answer } = exchange;
  const { version = '', asset = '' } = params;
  const wanted = coordinate(params);
  const { domain, repository } = target;
  const name = { region: domain.region, owner: domain.owner, domain: domain.name, repository: repository.name };
  const published = await publishAsset(deps, name, wanted, {
    version,
    name: asset,
    hashes: announcedHashes(headers),
    bytes: exchange.file(),
    isUnfinished: isUnfinished(query),
  });
  await answer.json(published.outcome === 'unchanged' ? 200 : 201, {
    format: wanted.format,
    namespace: wanted.namespace,
    package: wanted.name,
    version,
    versionRevision: published.revision,
    status: published.status,
    asset: assetSummary(published.asset),
  });
}

function coordinate(params: Readonly<Record<string, string>>): PackageCoordinate {
  return { format: genericRules.name, namespace: params['namespace'] ?? '', name: params['package'] ?? '' };
}

/** As PublishPackageVersion reads it. A parameter that nobody knows may be a typing error, and publishes too early. */
function isUnfinished(query: URLSearchParams): boolean {
  const unknown = [...query.keys()].find((name) => name !== 'unfinished');
  if (unknown !== undefined) throw invalid(`The parameter '${unknown}' is not known; 'unfinished' is.`);
  const [value = 'false', more] = query.getAll('unfinished');
  if (more === undefined && (value === 'true' || value === 'false')) return value === 'true';
  throw invalid(`The parameter 'unfinished' is 'true' or 'false'.`);
}
