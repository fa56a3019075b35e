import type { IncomingMessage, Server } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { dispatch, errorAnswer } from '../api/dispatch.ts';
import { sts, stsError } from '../api/sts.ts';
import type { Deps } from '../core/deps.ts';
import { invalid, PackyardError } from '../core/errors.ts';
import type { Format } from '../formats/format.ts';
import { readBody } from './body.ts';
import { Connections } from './connections.ts';
import { callerOf } from './credentials.ts';
import { type DataPlaneSettings, dataPlane } from './data-plane.ts';
import { drain } from './drain.ts';
import { originOf, repositoryEndpoint } from './endpoints.ts';
import { healthRoutes } from './health.ts';
import { type Location, locate, splitUrl } from './location.ts';
import { redact } from './redact.ts';

export interface HttpSettings extends DataPlaneSettings {
  readonly version: string;
}

/** Where data-plane requests are handed to, whatever their address: they are routed by `locate` alone. */
const dataPlanePath = '/_data-plane';
const maxHeaderBytes = 64 * 1024;
/** Longer than a public registry may take to begin its answer. */
const idleMs = 75_000;
/** How long requests that are under way may take once the server closes. */
const drainMs = 20_000;

/**
 * The HTTP server: the CodeArtifact API below `/v1/`, STS on `POST /`, the package managers' endpoints, and health.
 * It does not listen yet.
 */
export function httpServer(deps: Deps, formats: readonly Format[], settings: HttpSettings): FastifyInstance {
  const locations = new WeakMap<IncomingMessage, Location | null>();
  const api = (request: FastifyRequest, reply: FastifyReply) => answerApi(deps, settings, request, reply);
  const app = Fastify({
    logger: false,
    http: { maxHeaderSize: maxHeaderBytes },
    // A publish may take long; what must not is the time between two of its bytes: see idleMs.
    requestTimeout: 0,
    forceCloseConnections: false,
    // A path that cannot be decoded is an unknown one.
    frameworkErrors: (_error, request, reply) => void api(request, reply),
    rewriteUrl: (request) => {
      const url = request.url ?? '/';
      const location = locate(request.headers.host, url);
      if (location === undefined) return url;
      locations.set(request as IncomingMessage, location);
      return dataPlanePath;
    },
  });
  // A connection on which nothing moves any more: a stalled upload, or a client that stopped reading.
  app.server.setTimeout(idleMs);
  const connections = new Connections(app.server as Server);
  app.addHook('preClose', async () => connections.close(drainMs));
  // Bodies reach the handlers as streams: each reads what it allows.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const serve = dataPlane(deps, formats, settings);
  // In a hook, before anything looks at the body or its type: that is the format's business.
  app.addHook('onRequest', async (request, reply) => {
    const location = locations.get(request.raw);
    if (location === undefined) return;
    reply.hijack();
    await serve(request.raw, reply.raw, location);
  });
  app.all(dataPlanePath, { exposeHeadRoute: false }, api);

  app.all('/v1/*', { exposeHeadRoute: false }, api);
  app.post('/', (request, reply) => answerSts(deps, request, reply));
  app.setErrorHandler((error: { message: string; statusCode?: number }, request, reply) => {
    const isTheirs = error.statusCode !== undefined && error.statusCode < 500;
    if (!isTheirs) deps.log.error({ err: error, url: redact(request.originalUrl) }, 'request failed');
    const { status, headers, body } = errorAnswer(isTheirs ? invalid(error.message) : error, deps.ids.uuid());
    return reply.status(status).headers(headers).send(body);
  });
  healthRoutes(app, settings.version);
  app.setNotFoundHandler(api);
  app.addHook('onResponse', async (request, reply) => logAccess(deps, request, reply));
  return app;
}

async function answerApi(
  deps: Deps,
  settings: HttpSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const requestId = deps.ids.uuid();
  const answer = await apiRequest(deps, settings, request, requestId).catch((error: unknown) => {
    if (!(error instanceof PackyardError)) deps.log.error({ err: error, requestId }, 'An API request failed.');
    return errorAnswer(error, requestId);
  });
  await drain(request.raw);
  if (!request.raw.complete) reply.header('connection', 'close');
  reply.status(answer.status).headers(answer.headers);
  return reply.send(answer.body ?? '');
}

async function apiRequest(deps: Deps, settings: HttpSettings, request: FastifyRequest, requestId: string) {
  const { endpoints } = settings;
  const { path, query: text } = splitUrl(request.raw.url ?? '/');
  const query = new URLSearchParams(text);
  const caller = callerOf(request.headers, query);
  return dispatch(
    { deps },
    {
      method: request.method,
      path,
      query,
      headers: request.headers,
      body: () => readBody(request.raw),
      caller,
      requestId,
      endpoint: (name, format) => repositoryEndpoint(originOf(request.raw, endpoints), endpoints.style, name, format),
    },
  );
}

async function answerSts(deps: Deps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const requestId = deps.ids.uuid();
  try {
    const caller = callerOf(request.headers, new URLSearchParams(splitUrl(request.raw.url ?? '/').query));
    const { status, headers, body } = sts((await readBody(request.raw)).toString('utf8'), caller, requestId);
    return reply.status(status).headers(headers).send(body);
  } catch (error) {
    if (!(error instanceof PackyardError)) deps.log.error({ err: error }, 'STS request failed');
    const { status, headers, body } = stsError(error, requestId);
    await drain(request.raw);
    return reply.status(status).headers(headers).send(body);
  }
}

function logAccess(deps: Deps, request: FastifyRequest, reply: FastifyReply): void {
  // Whoever waits for the server asks several times a second.
  if (request.url.endsWith('/health')) return;
  const fields = {
    method: request.method,
    url: redact(request.originalUrl),
    status: reply.raw.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  };
  deps.log.info(fields, 'request');
}

/** The address a listening server is reached at. */
export function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host === '127.0.0.1' ? 'localhost' : host}:${address.port}`;
}
