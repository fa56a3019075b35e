import { EnvHttpProxyAgent, request } from 'undici';
import type { WebhookSender } from '../../ports/webhooks.ts';

/** An answer says nothing that is read; up to so many bytes of it are dropped, for the connection to be used again. */
const droppedBytes = 16 * 1024;

/** Webhooks through undici: connections of their own, and proxies from the environment. */
export function undiciWebhooks({ userAgent }: { readonly userAgent: string }): WebhookSender {
  const dispatcher = new EnvHttpProxyAgent({ connections: 2, connect: { timeout: 5_000 } });
  return {
    async post(url, headers, body, signal) {
      const response = await request(url, {
        dispatcher,
        method: 'POST',
        headers: { 'user-agent': userAgent, ...headers },
        body,
        signal,
      });
      void response.body.dump({ limit: droppedBytes, signal }).catch(() => undefined);
      return response.statusCode;
    },
    // Nothing is under way that anybody waits for.
    close: () => dispatcher.destroy(),
  };
}
