import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { call, freePort, mustCall } from '../call.ts';
import { startNode } from '../child.ts';
import { type Launched, launch } from './launch.ts';
import type { BenchServer } from './server.ts';

export const verdaccioFolder = join(import.meta.dirname, '..', 'node_modules', 'verdaccio');
const program = join(verdaccioFolder, 'bin', 'verdaccio');
const user = { name: 'bench', password: 'only-on-the-loopback' };

/** Verdaccio on an empty storage folder below `folder`, tuned, with a user who has a token. */
export async function startVerdaccio(folder: string, registry: string): Promise<BenchServer> {
  const port = await freePort();
  const { child } = await launchVerdaccio(folder, registry, port);
  const { body } = await mustCall(port, `/-/user/org.couchdb.user:${user.name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  const { token } = JSON.parse(body.toString()) as { token: string };
  const anonymous = await call(port, '/anything');
  if (anonymous.status !== 401) throw new Error(`Verdaccio answers ${anonymous.status} to who has no token.`);
  return {
    name: 'Verdaccio',
    pid: child.pid,
    port,
    headers: { authorization: `Bearer ${token}` },
    endpoint: '/',
    pathOf: ({ path }) => `/${path}`,
    stop: () => child.stop(),
  };
}

/** Starts the process only. */
export function launchVerdaccio(folder: string, registry: string, port: number): Promise<Launched> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.yaml');
  writeFileSync(config, stringify(settings(registry)));
  return launch(join(folder, 'output.log'), port, '/-/ping', (output) =>
    startNode([program, '--config', config, '--listen', `http://127.0.0.1:${port}`], {
      cwd: folder,
      stdio: ['ignore', output, output],
    }),
  );
}

/**
 * As someone who knows it sets it: signed tokens (its older ones cost a password check with every request), warnings
 * only in the log, connections to the uplink kept open, listings taken as fresh for as long as Packyard takes them, no
 * web interface, no audit, no limit on logins.
 */
function settings(registry: string): unknown {
  const permissions = { access: '$authenticated', publish: '$authenticated', unpublish: '$authenticated' };
  return {
    storage: './storage',
    auth: { htpasswd: { file: './htpasswd', max_users: 10 } },
    security: { api: { legacy: false, jwt: { sign: { expiresIn: '7d' } } } },
    userRateLimit: { windowMs: 1_000, max: 100_000 },
    uplinks: {
      npmjs: {
        url: registry,
        maxage: '5m',
        timeout: '30s',
        max_fails: 100,
        cache: true,
        agent_options: { keepAlive: true, maxSockets: 40, maxFreeSockets: 40 },
      },
    },
    packages: {
      'private-*': permissions,
      '@*/*': { ...permissions, proxy: 'npmjs' },
      '**': { ...permissions, proxy: 'npmjs' },
    },
    server: { keepAliveTimeout: 60 },
    web: { enable: false },
    middlewares: { audit: { enabled: false } },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'json', level: 'warn' },
  };
}
