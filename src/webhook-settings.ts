import { z } from 'zod';

/** The shape of the setting that lists who is told what happens: URLs, or maps of a URL and the secret that goes with it. */
export function webhookList() {
  const url = z.string().refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''));
  const webhook = z.union(
    [url.transform((url) => ({ url })), z.strictObject({ url, secret: z.string().min(1).optional() })],
    {
      error: 'must be http(s) URLs, or maps of a url and a secret',
    },
  );
  return z
    .array(webhook, { error: 'must be a list of URLs, or of maps of a url and a secret' })
    .refine((list) => new Set(list.map(({ url }) => url)).size === list.length, 'must have each URL once')
    .transform((list): { url: string; secret?: string | undefined }[] => list)
    .default([]);
}

/** The value of the setting as it may be shown: without secrets. */
export function shownWebhooks(value: unknown): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : typeof value;
  return value.map((webhook) => (typeof webhook === 'string' ? webhook : (webhook?.url ?? typeof webhook)));
}
