import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { dispatch, errorAnswer } from '../api/dispatch.ts';
import { sts, stsError } from '../api/sts.ts';
import type { Deps } from '../core/deps.ts';
import { invalid, PackyardError } from '../core/errors.ts';
import { requestContext } from '../core/request-context.ts';
import type { Format } from '../formats/format.ts';
import { readBody } from './body.ts';
import { breakOff } from './break-off.ts';
import { Connections } from './connections.ts';
import { type Authenticate, authenticator, checkPromisedHash } from './credentials.ts';
import { type DataPlane, type DataPlaneSettings, dataPlane } from './data-plane.ts';
import { drain } from './drain.ts';
import { originOf, repositoryEndpoint } from './endpoints.ts';
import { eventAudience } from './event-audience.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { locate, splitUrl } from './location.ts';
import { redact } from './redact.ts';
import { factsOf } from './request-facts.ts';
import { signedParts } from './signed-parts.ts';
import { isOfForeignPage, refusePage } from './web-pages.ts';

export interface HttpSettings extends DataPlaneSettings {
  /** Whether signatures are verified and the directory says who there is. */
  readonly auth: 'open' | 'enforce';
  readonly version: string;
}

const maxHeaderBytes = 64 * 1024;
/** Longer than a public registry may take to begin its answer. */
const idleMs = 75_000;
/** How long a connection waits for its next request: longer than clients and load balancers keep theirs. */
const keepAliveMs = 72_000;
/** How long requests that are under way may take once the server closes. */
const drainMs = 20_000;

/**
 * The HTTP server: the CodeArtifact API below `/v1/`, STS on `POST /`, the package managers' endpoints, events and health.
 * It does not listen yet.
 */
export function httpServer(deps: Deps, formats: readonly Format[], settings: HttpSettings): FastifyInstance {
  const authenticate = authenticator({ ...deps, auth: settings.auth });
  const api = (request: FastifyRequest, reply: FastifyReply) =>
    answerApi({ deps, settings, authenticate }, request, reply);
  const app = Fastify({
    logger: false,
    serverFactory: (rest) => nodeServer(deps, settings, dataPlane(deps, formats, settings), rest),
    forceCloseConnections: false,
    // A path that cannot be decoded is an unknown one.
    frameworkErrors: (_error, request, reply) => void api(request, reply),
  });
  const connections = new Connections(app.server as Server);
  app.addHook('preClose', async () => connections.close(drainMs));
  // Bodies reach the handlers as streams: each reads what it allows.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  app.all('/v1/*', { exposeHeadRoute: false }, api);
  app.post('/', (request, reply) => answerSts(deps, authenticate, request, reply));
  app.setErrorHandler((error: { message: string; statusCode?: number }, request, reply) => {
    const isTheirs = error.statusCode !== undefined && error.statusCode < 500;
    if (!isTheirs) deps.log.error({ err: error, url: redact(request.originalUrl) }, 'request failed');
    const { status, headers, body } = errorAnswer(isTheirs ? invalid(error.message) : error, deps.ids.uuid());
    return reply.status(status).headers(headers).send(exactly(body));
  });
  healthRoutes(app, settings.version);
  eventRoutes(app, deps, eventAudience(deps, authenticate));
  app.setNotFoundHandler(api);
  return app;
}

/**
 * The listening part. Data-plane requests are told by their address and go straight to it, on the raw response: they
 * are what a registry does all day. The rest is Fastify's.
 */
function nodeServer(deps: Deps, { auth }: HttpSettings, serve: DataPlane, rest: RequestListener): Server {
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => {
    logAccess(deps, request, response);
    if (auth === 'open' && isOfForeignPage(request)) {
      refusePage(request, response);
      return;
    }
    const location = locate(request.headers.host, request.url ?? '/');
    if (location === undefined) rest(request, response);
    else void serve(request, response, location);
  });
  // A publish may take long; what must not is the time between two of its bytes: see idleMs.
  server.requestTimeout = 0;
  server.keepAliveTimeout = keepAliveMs;
  // A connection on which nothing moves any more: a stalled upload, or a client that stopped reading.
  server.setTimeout(idleMs);
  return server;
}

interface ApiDoor {
  readonly deps: Deps;
  readonly settings: HttpSettings;
  readonly authenticate: Authenticate;
}

async function answerApi(door: ApiDoor, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { deps } = door;
  const requestId = deps.ids.uuid();
  const answer = await apiRequest(door, request, requestId).catch((error: unknown) => {
    if (!(error instanceof PackyardError)) deps.log.error({ err: error, requestId }, 'An API request failed.');
    return errorAnswer(error, requestId);
  });
  await drain(request.raw);
  if (!request.raw.complete) reply.header('connection', 'close');
  const { status, headers, body = '' } = answer;
  reply.status(status).headers(headers);
  if (typeof body === 'string') return reply.send(exactly(body));
  const { raw } = reply.hijack();
  raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders);
  await body(raw).catch((error: unknown) => breakOff(deps, raw, redact(request.originalUrl), error));
  return reply;
}

/** Text as bytes: to the content type of text Fastify adds a charset, which AWS's has not (reference, 1.3). */
function exactly(body: string): Buffer {
  return Buffer.from(body);
}

async function apiRequest({ deps, settings, authenticate }: ApiDoor, request: FastifyRequest, requestId: string) {
  const { endpoints, isStrict } = settings;
  const { path, query: text } = splitUrl(request.raw.url ?? '/');
  const body = once(() => readBody(request.raw));
  const { caller, promisedHash } = await authenticate(signedParts(request.raw), 'codeartifact', body);
  return dispatch(
    { deps },
    {
      method: request.method,
      path,
      query: new URLSearchParams(text),
      headers: request.headers,
      ...(isStrict ? {} : { ranges: request.headers }),
      async body() {
        const bytes = await body();
        checkPromisedHash(promisedHash, bytes);
        return bytes;
      },
      stream: () => request.raw,
      isGone: () => request.raw.socket.destroyed,
      caller,
      facts: factsOf(request.raw),
      requestId,
      endpoint: (name, format) => repositoryEndpoint(originOf(request.raw, endpoints), endpoints.style, name, format),
    },
  );
}

/** What is read once, however often it is asked for. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

async function answerSts(
  deps: Deps,
  authenticate: Authenticate,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const requestId = deps.ids.uuid();
  try {
    const read = once(() => readBody(request.raw));
    const { caller, promisedHash } = await authenticate(signedParts(request.raw), 'sts', read);
    const form = await read();
    checkPromisedHash(promisedHash, form);
    const { status, headers, body } = await sts(deps, {
      body: form.toString('utf8'),
      caller,
      requestId,
      context: requestContext(deps.clock, caller.region, factsOf(request.raw)),
    });
    return reply.status(status).headers(headers).send(body);
  } catch (error) {
    if (!(error instanceof PackyardError)) deps.log.error({ err: error }, 'STS request failed');
    const { status, headers, body } = stsError(error, requestId);
    await drain(request.raw);
    return reply.status(status).headers(headers).send(body);
  }
}

/** Logs a request when its answer has ended, however that was. */
function logAccess(deps: Deps, { method, url = '/' }: IncomingMessage, response: ServerResponse): void {
  // Whoever waits for the server asks several times a second.
  if (url.endsWith('/health')) return;
  const startedAt = performance.now();
  response.once('close', () => {
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    deps.log.info({ method, url: redact(url), status: response.statusCode, ms }, 'request');
  });
}
