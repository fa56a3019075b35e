import type { RepositoryName } from '../core/coordinates.ts';

/** What a data-plane address names. */
export interface Location extends RepositoryName {
  readonly format: string;
  /** The address of the repository and format as it was asked; ends in `/`, without scheme and host. */
  readonly prefix: string;
  /** What follows the prefix, as it was sent: neither decoded nor split, without the query. */
  readonly rawPath: string;
  readonly query: string;
}

const domainLabel = /^([a-z][a-z0-9-]{0,48}[a-z0-9])-([0-9]{12})$/;
const regionName = /^[a-z0-9-]{1,30}$/;
const repositoryName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$/;
/** AWS's own hosts are `{domain}-{owner}.d.codeartifact.{region}.amazonaws.com`; any suffix means the same here. */
const hostShape = /^([a-z][a-z0-9-]{0,48}[a-z0-9]-[0-9]{12})\.d\.codeartifact\.([a-z0-9-]{1,30})\./;

/**
 * Reads a request's address as a data-plane location: `/d/{region}/{domain}-{owner}/{format}/{repository}/…`, or
 * `/{format}/{repository}/…` on a host of AWS's shape. Undefined when the address is no data-plane address at all,
 * null when it is one that names nothing that can exist.
 */
export function locate(host: string | undefined, url: string): Location | null | undefined {
  const { path, query } = splitUrl(url);
  const byHost = hostShape.exec(host?.toLowerCase() ?? '');
  if (byHost !== null) {
    const [, format = '', repository = '', ...rest] = path.split('/');
    return location([byHost[2] ?? '', byHost[1] ?? '', format, repository], `/${format}/${repository}/`, rest, query);
  }
  if (!path.startsWith('/d/')) return undefined;
  const [, , region = '', label = '', format = '', repository = '', ...rest] = path.split('/');
  return location([region, label, format, repository], `/d/${region}/${label}/${format}/${repository}/`, rest, query);
}

function location(
  [region, label, format, repository]: [string, string, string, string],
  prefix: string,
  rest: readonly string[],
  query: string,
): Location | null {
  const [, domain, owner] = domainLabel.exec(label) ?? [];
  if (domain === undefined || owner === undefined) return null;
  if (!regionName.test(region) || !repositoryName.test(repository)) return null;
  return { region, domain, owner, format, repository, prefix, rawPath: rest.join('/'), query };
}

/** A request target's path and query, neither decoded nor resolved. An absolute target loses scheme and host. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
