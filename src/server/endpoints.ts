import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { RepositoryName } from '../core/coordinates.ts';

export interface EndpointSettings {
  /** Which shape GetRepositoryEndpoint hands out. Both are always accepted. */
  readonly style: 'path' | 'host';
  /** Host and port to hand out in place of those the caller used, with a scheme in front if it differs too. */
  readonly host: string | undefined;
}

/** Scheme and host a caller used, or those the settings put in their place: `http://localhost:4566`. */
export function originOf(request: IncomingMessage, settings: EndpointSettings): string {
  const scheme = (request.socket as TLSSocket).encrypted ? 'https' : 'http';
  if (settings.host?.includes('://')) return settings.host.replace(/\/$/, '');
  const host = settings.host ?? request.headers.host;
  // A Host header goes into answers that others may be shown: only what a host can be made of.
  if (host !== undefined && /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host))
    return `${scheme}://${host}`;
  const { localAddress, localPort } = request.socket;
  return `${scheme}://${localAddress?.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** The address of a repository's endpoint for a format; ends in `/`. Source: design, "What the outside sees". */
export function repositoryEndpoint(
  origin: string,
  style: EndpointSettings['style'],
  { region, owner, domain, repository }: RepositoryName,
  format: string,
): string {
  const label = `${domain}-${owner}`;
  if (style === 'path') return `${origin}/d/${region}/${label}/${format}/${repository}/`;
  const { protocol, host } = new URL(origin);
  // The caller may itself have come by such a host.
  const suffix = host.replace(/^.*\.?codeartifact\.[a-z0-9-]+\./, '');
  return `${protocol}//${label}.d.codeartifact.${region}.${suffix}/${format}/${repository}/`;
}
