import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { vi } from 'vitest';

/** A server of S3's API that lives as long as a test file and keeps everything in memory. */
export interface TestS3 {
  readonly url: string;
  /** Calls it as anyone may. */
  readonly client: S3Client;
  /** Makes an empty bucket; returns its name. */
  newBucket(): Promise<string>;
  stop(): Promise<void>;
}

/** Whether moto's server is installed. Throws in CI when it is not: nothing may be skipped there. */
export function hasS3(): boolean {
  const isInstalled = spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' }).status === 0;
  if (!isInstalled && process.env['CI']) throw new Error("CI needs moto: python3 -m pip install 'moto[server]'");
  return isInstalled;
}

/** Starts moto's server on a free loopback port, and gives this process credentials that it takes. */
export async function startS3(): Promise<TestS3> {
  // A test process that is killed takes its server along. `setpriv` becomes the server: the process id is its own.
  const command = ['--pdeathsig', 'KILL', 'python3', '-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'];
  const server = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const killWithTest = () => server.kill('SIGKILL');
  process.once('exit', killWithTest);
  const url = await listeningOn(server);
  // It writes a line per request; a full pipe would stop it.
  server.stderr?.resume();

  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true });
  let buckets = 0;
  return {
    url,
    client,
    async newBucket() {
      const Bucket = `test-${++buckets}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    async stop() {
      process.removeListener('exit', killWithTest);
      client.destroy();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** The address that the server, which chose its port itself, says it has. */
function listeningOn(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.setEncoding('utf8').on('data', function read(text: string) {
      log += text;
      const url = /Running on (http:\S+)/.exec(log)?.[1];
      if (url === undefined) return;
      server.stderr?.removeListener('data', read);
      resolve(url);
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`moto's server did not start: ${log}`)));
  });
}
