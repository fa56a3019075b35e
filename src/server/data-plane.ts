import type { IncomingMessage, ServerResponse } from 'node:http';
import { packageArn, repositoryArn } from '../core/arns.ts';
import { type Access, authorize } from '../core/authorize.ts';
import type { PackageCoordinate } from '../core/coordinates.ts';
import type { Deps } from '../core/deps.ts';
import { domainNotFound, invalid, PackyardError, repositoryNotFound, shownError } from '../core/errors.ts';
import type { TokenClaims } from '../core/tokens.ts';
import type { DataPlaneAction, Format } from '../formats/format.ts';
import type { RepositoryInDomain } from '../ports/storage.ts';
import { breakOff } from './break-off.ts';
import { bearerToken } from './credentials.ts';
import { DecodedBody } from './decoded-body.ts';
import { drain } from './drain.ts';
import { type EndpointSettings, originOf } from './endpoints.ts';
import type { Location } from './location.ts';
import { redact } from './redact.ts';
import { RequestExchange } from './request-exchange.ts';
import { factsOf } from './request-facts.ts';
import { RouteTable } from './route-table.ts';

export interface DataPlaneSettings {
  readonly endpoints: EndpointSettings;
  readonly isStrict: boolean;
}

/** Answers one request below a repository's endpoint. `location` is null when the address names nothing possible. */
export type DataPlane = (
  request: IncomingMessage,
  response: ServerResponse,
  location: Location | null,
) => Promise<void>;

/**
 * The package managers' side of the server. Every request takes the same way: route, token, permission, repository,
 * then the format's handler; so that no format can forget one of them.
 */
export function dataPlane(deps: Deps, formats: readonly Format[], settings: DataPlaneSettings): DataPlane {
  const tables = new Map(
    formats.map((format) => [format.rules.name, { format, routes: new RouteTable(format, settings.isStrict) }]),
  );

  const serve = async (request: IncomingMessage, response: ServerResponse, location: Location): Promise<void> => {
    const { caller } = await authenticate(deps, request, location);
    const served = tables.get(location.format);
    const segments = served?.format.segments(location.rawPath);
    const match = segments && served?.routes.match(request.method ?? 'GET', segments);
    const coordinate = match?.route.coordinate?.(match.params);
    // What has no route, or no path that can be read, is read access to the repository too: whoever may not read it
    // learns nothing of it.
    const { action = 'ReadFromRepository' } = match?.route ?? {};
    const moment = await deps.present.moment();
    const permit = (action: DataPlaneAction, coordinate: PackageCoordinate | undefined) =>
      authorize(deps, moment, caller, accessTo(location, action, coordinate), factsOf(request));
    const isPermitted = match?.route.isPackageInBody !== true;
    if (isPermitted) await permit(action, coordinate);
    const { owner, region, domain, repository } = location;
    const found = await moment.recall(`locate ${owner} ${region} ${domain} ${repository}`, async () => ({
      value: await deps.storage.repositories.locate(owner, region, domain, repository),
    }));
    const target = (): RepositoryInDomain => {
      if (found === undefined) throw domainNotFound(domain, owner);
      if (found.repository === undefined) throw repositoryNotFound(repository, domain, owner);
      return { domain: found.domain, repository: found.repository };
    };
    if (isPermitted) target();
    if (served !== undefined && segments === undefined) {
      throw invalid(`The path '${location.rawPath}' is not one of the ${location.format} protocol.`);
    }
    if (match === undefined) throw unknownRoute(request, location);
    const body = new DecodedBody(request);
    try {
      const { isStrict } = settings;
      const endpoint = originOf(request, settings.endpoints) + location.prefix;
      const parts = { deps, request, response, location, match, caller, moment, endpoint, isStrict, body };
      await match.route.handle(new RequestExchange({ ...parts, isPermitted, permit, target }));
    } finally {
      body.close();
    }
  };

  return async (request, response, location) => {
    try {
      if (location === null) throw new PackyardError('ResourceNotFoundException', 'There is nothing at this address.');
      await serve(request, response, location);
    } catch (error) {
      await refuse(deps, tables.get(location?.format ?? '')?.format, request, response, location, error);
    }
  };
}

/** What a route's permission is about: the package for those that write, else the repository. */
function accessTo(location: Location, action: DataPlaneAction, coordinate: PackageCoordinate | undefined): Access {
  const { owner, domain, repository } = location;
  const place = { action: `codeartifact:${action}`, owner, domain, repository };
  if (action !== 'ReadFromRepository' && coordinate !== undefined) {
    return { ...place, resource: packageArn(location, coordinate) };
  }
  const arn = repositoryArn(location);
  return { ...place, resource: arn, tagged: arn };
}

/** The claims of the request's token, when it is genuine, unexpired and for this domain. */
async function authenticate(deps: Deps, request: IncomingMessage, location: Location): Promise<TokenClaims> {
  const token = bearerToken(request.headers.authorization);
  const claims = token === undefined ? undefined : await deps.tokens.verify(token);
  const { domain, owner, region } = location;
  if (token !== undefined && claims?.domain === domain && claims.domainOwner === owner && claims.region === region) {
    deps.rateLimits?.request(request.method, token, claims.caller);
    return claims;
  }
  deps.rateLimits?.strangersRequest(request.socket.remoteAddress);
  throw new PackyardError(
    'UnauthorizedException',
    `A valid token for domain '${domain}' is needed. Get one with: aws codeartifact login, or get-authorization-token.`,
  );
}

function unknownRoute({ method }: IncomingMessage, { format, rawPath }: Location): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    redact(`There is no ${method} /${rawPath} for the format '${format}' here.`),
  );
}

/** Turns an error into the protocol's answer; when the answer has already begun, breaks the connection off. */
async function refuse(
  deps: Deps,
  format: Format | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  location: Location | null,
  error: unknown,
): Promise<void> {
  const url = redact(location === null ? '' : location.prefix + location.rawPath);
  // What is refused to someone who has gone breaks nothing off.
  const isGone = request.socket.destroyed;
  if (response.headersSent || (isGone && !(error instanceof PackyardError))) {
    breakOff(deps, response, url, error);
    return;
  }
  if (!(error instanceof PackyardError)) deps.log.error({ err: error, url }, 'request failed');
  const shown = shownError(error);
  if (shown.status === 502) deps.log.warn({ err: error, url }, 'a public registry could not be used');
  if (isGone) {
    response.destroy();
    return;
  }
  const { contentType, body, reason } = format?.errorBody(shown) ?? {
    contentType: 'application/json',
    body: JSON.stringify({ message: shown.message }),
    reason: undefined,
  };
  const realm = `${location?.domain}/${location?.repository}`;
  await drain(request);
  const challenges = format?.challenges ?? ['Bearer', 'Basic'];
  response.writeHead(shown.status, reason, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    ...(shown.retryAfterSeconds !== undefined && { 'retry-after': String(shown.retryAfterSeconds) }),
    ...(shown.status === 401 ? { 'www-authenticate': challenges.map((scheme) => `${scheme} realm="${realm}"`) } : {}),
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
