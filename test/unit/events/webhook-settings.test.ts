import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSettings } from '../../../src/settings.ts';

const url = 'https://hooks.example/packyard';

function fileOf(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'packyard.yaml');
  writeFileSync(file, content);
  return file;
}

describe('webhooks', () => {
  it('are none unless they are given', async () => {
    expect((await readSettings({}, {}, undefined)).webhook).toEqual([]);
    expect((await readSettings({}, { PACKYARD_WEBHOOK_SECRET: 's' }, undefined)).webhook).toEqual([]);
  });

  it('come with their secrets from the file', async () => {
    const file = fileOf(`webhook:\n  - url: ${url}\n    secret: one\n  - url: ${url}/2\n    secret: two\n`);
    expect((await readSettings({}, {}, file)).webhook).toEqual([
      { url, secret: 'one' },
      { url: `${url}/2`, secret: 'two' },
    ]);
  });

  it('come from the command line or the environment with one secret for all', async () => {
    const both = [
      { url, secret: 's' },
      { url: `${url}/2`, secret: 's' },
    ];
    const secret = { PACKYARD_WEBHOOK_SECRET: 's' };
    expect((await readSettings({ webhook: [url, `${url}/2`] }, secret, undefined)).webhook).toEqual(both);
    const variable = { PACKYARD_WEBHOOK: `${url},${url}/2`, ...secret };
    expect((await readSettings({}, variable, undefined)).webhook).toEqual(both);
    expect((await readSettings({ webhook: [url] }, variable, undefined)).webhook).toEqual(both.slice(0, 1));
    const file = fileOf(`webhook:\n  - ${url}\n  - url: ${url}/2\n    secret: its own\n`);
    expect((await readSettings({}, secret, file)).webhook).toEqual([
      { url, secret: 's' },
      { url: `${url}/2`, secret: 'its own' },
    ]);
  });

  it.each([
    [
      'no secret',
      { webhook: ['https://user:word@hooks.example/x?token=hidden'] },
      '',
      '--webhook https://…@hooks.example/x?token=… needs a secret, that it knows us by: put it into PACKYARD_WEBHOOK_SECRET, or beside the url in the --config file',
    ],
    ['no URL', { webhook: ['hooks'] }, '', '--webhook ["hooks"]: must be http(s) URLs, or maps of a url and a secret'],
    [
      'a wrong member',
      {},
      `webhook:\n  - url: ${url}\n    secrets: hidden\n`,
      `'webhook' in FILE ["${url}"]: Unrecognized key: "secrets"`,
    ],
    [
      'a secret that is no text',
      {},
      `webhook:\n  - url: ${url}\n    secret: 12345\n`,
      `'webhook' in FILE ["${url}"]: must be http(s) URLs, or maps of a url and a secret`,
    ],
    [
      'no list',
      {},
      `webhook:\n  url: ${url}\n  secret: hidden\n`,
      `'webhook' in FILE "object": must be a list of URLs, or of maps of a url and a secret`,
    ],
    ['a URL twice', { webhook: [url, url] }, '', `--webhook ["${url}","${url}"]: must have each URL once`],
    ['a common secret that is no text', {}, 'webhookSecret: 12345\n', `'webhookSecret' in FILE: must be text`],
  ])('are refused with %s, in a line without secrets', async (_what, flags, content, says) => {
    const file = content === '' ? undefined : fileOf(content);
    const reading = readSettings(flags, {}, file);
    await expect(reading).rejects.toThrow(new Error(says.replace('FILE', String(file))));
  });
});
