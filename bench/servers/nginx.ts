import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../call.ts';
import { startChild } from '../child.ts';
import { launch } from './launch.ts';
import type { BenchServer } from './server.ts';

/** Debian puts it where only the administrator's path leads. */
const searched = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/** nginx's version, or undefined where it is not installed. */
export function nginxVersion(): string | undefined {
  try {
    // It says it on the standard error.
    const said = execFileSync('sh', ['-c', 'nginx -v 2>&1'], { env: { PATH: searched }, encoding: 'utf8' });
    return /nginx\/(\S+)/.exec(said)?.[1];
  } catch {
    return undefined;
  }
}

/** nginx with one worker over the files of a folder, everything else of it in a folder of its own. */
export async function startNginx(folder: string, files: string): Promise<BenchServer> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configuration(folder, files, port));
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', config];
  const { child } = await launch(join(folder, 'output.log'), port, '/health', (output) =>
    startChild('nginx', args, { env: { PATH: searched }, stdio: ['ignore', output, output] }),
  );
  return {
    name: 'nginx',
    pid: child.pid,
    port,
    headers: {},
    endpoint: '/',
    pathOf: ({ file }) => `/${file}`,
    stop: () => child.stop(),
  };
}

function configuration(folder: string, files: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  return `
daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
# As root it would give its worker to a user who may not read the benchmark's folders.
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http {
  access_log ${join(folder, 'access.log')};
  ${temporary.join('\n  ')}
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 60s;
  keepalive_requests 1000000;
  open_file_cache max=100;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location = /health { return 200; }
    location ~ \\.gz$ { default_type application/json; add_header content-encoding gzip; }
  }
}
`;
}
