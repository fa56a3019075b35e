import { EnvHttpProxyAgent, interceptors, request } from 'undici';
import type { Upstream } from '../../ports/upstream.ts';

export interface UpstreamSettings {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** Longest silence within a body. */
  readonly bodyTimeoutMs: number;
  readonly userAgent: string;
}

/**
 * HTTP through undici: a pool per host, proxies from the environment, up to five redirects, and two more tries for a
 * broken connection or a 502, 503, 504; a body that breaks off is taken up again by range where the server offers it.
 */
export function undiciUpstream(settings: UpstreamSettings): Upstream {
  const agent = new EnvHttpProxyAgent({
    connections: 32,
    connect: { timeout: settings.connectTimeoutMs },
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.bodyTimeoutMs,
  });
  const dispatcher = agent.compose(
    interceptors.retry({
      maxRetries: 2,
      minTimeout: 100,
      // Its own idea of when to come back may be far beyond what a client waits.
      retryAfter: false,
      methods: ['GET'],
      statusCodes: [502, 503, 504],
      throwOnError: false,
    }),
    interceptors.redirect({ maxRedirections: 5 }),
  );
  return {
    async get({ url, headers, signal }) {
      const response = await request(url, {
        dispatcher,
        headers: { 'user-agent': settings.userAgent, 'accept-encoding': 'identity', ...headers },
        ...(signal === undefined ? {} : { signal }),
      });
      const { body, statusCode: status } = response;
      // undici reports a destroyed body as an error, also to those who destroyed it because they had enough.
      body.on('error', () => undefined);
      const discard = () => void body.dump().catch(() => undefined);
      const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      const answered: Record<string, string> = Object.fromEntries(flat);
      return { status, url: foundAt(response.context) ?? url, headers: answered, body, discard };
    },
    close: () => agent.close(),
  };
}

/** The last of the addresses that the redirect interceptor went through. */
function foundAt(context: object): string | undefined {
  const { history = [] } = context as { readonly history?: readonly URL[] };
  return history.at(-1)?.href;
}
