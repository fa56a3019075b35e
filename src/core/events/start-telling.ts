import type { WebhookSender } from '../../ports/webhooks.ts';
import { beginDelivery, type DeliveryPorts, deliverEvents, type Webhook } from './deliver.ts';
import { lastEventPosition } from './read-events.ts';

/** How often events get their place when nobody reads them, so that who comes later need not wait for that. */
const placeEveryMs = 10_000;

/**
 * Starts telling the outside what happens: gives events their places, and delivers them to the webhooks. When it
 * resolves, the webhooks will hear of all that happens from now on. Returns how to end it.
 *
 * @param node what this node is called: one that comes back under the name it died with goes on at once
 */
export async function startTelling(
  ports: DeliveryPorts,
  sender: WebhookSender,
  webhooks: readonly Webhook[],
  node: string,
): Promise<() => Promise<void>> {
  for (const webhook of webhooks) await beginDelivery(ports, webhook);
  let placing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // One that fails is made up for by the next, or by whoever reads events.
    placing = lastEventPosition(ports).catch(() => undefined);
  }, placeEveryMs).unref();
  const ending = new AbortController();
  const delivering = webhooks.map((webhook) => deliverEvents(ports, sender, webhook, node, ending.signal));
  return async () => {
    clearInterval(timer);
    ending.abort();
    await Promise.all([placing, ...delivering]);
    await sender.close();
  };
}
