import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';

/** What `packyard doctor` says, for someone whose `.npmrc` has these lines. */
async function doctor(npmrc: string, args: readonly string[] = []) {
  await using folder = await temporaryFolder();
  const home = join(folder.path, 'home');
  await mkdir(home);
  await writeFile(join(home, '.npmrc'), npmrc);
  const env = { HOME: home, npm_config_userconfig: join(home, '.npmrc') };
  // Awaited here: the folder goes with this block.
  return await runProcess(['doctor', '--data', join(folder.path, 'data'), ...args], { env, killAfterMs: 30_000 });
}

describe('packyard doctor', () => {
  it('tells the version, the folder and where the public registry is', async () => {
    const { code, stdout } = await doctor('', ['--registry', 'public:npmjs=http://mirror.example/npm']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^packyard +0\.\d+\.\d+ on Node v\d+.*\ndata folder .*data \(can be used\)\n/),
    ]);
    expect(stdout).toContain('public:npmjs   http://mirror.example/npm/ (settings)');
  });

  it('takes what the machine’s own npm is configured with', async () => {
    const { stdout } = await doctor('registry=http://configured.example/npm/\n');
    expect(stdout).toContain('public:npmjs   http://configured.example/npm/ (npm config)');
  });

  it.each([
    'http://localhost:4566/d/eu-central-1/acme-000000000000/npm/team/',
    'https://acme-000000000000.d.codeartifact.eu-central-1.amazonaws.com/npm/team/',
  ])('does not take the endpoint that `aws codeartifact login` wrote there: %s', async (endpoint) => {
    const { stdout } = await doctor(`registry=${endpoint}\n`);
    expect(stdout).toMatch(/public:npmjs +https:\/\/\S+\/ \(the public default\)/);
  });

  it('says who has the folder, with exit code 1', async () => {
    await using folder = await temporaryFolder();
    await using server = await startProcess(['--data', folder.path]);
    const { code, stdout } = await runProcess(['doctor', '--data', folder.path]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`in use by process ${server.pid}`)]);
  });
});
