import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire: not decompressed. */
  readonly body: Buffer;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request to a server on the loopback, on a connection of its own. */
export function call(port: number, path: string, { method = 'GET', headers, body }: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, async (response) => {
      try {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** As `call`. Throws for every status but 2xx. */
export async function mustCall(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await call(port, path, options);
  if (answer.status >= 200 && answer.status < 300) return answer;
  const said = answer.body.subarray(0, 500).toString();
  throw new Error(`${options.method ?? 'GET'} ${path} answered ${answer.status}: ${said}`);
}

/** Asks again and again, every `pauseMs`, until the answer is a 200. */
export async function untilHealthy(port: number, path: string, limitMs = 30_000, pauseMs = 2): Promise<void> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    const status = await call(port, path).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`There was no healthy answer at port ${port} within ${limitMs} ms.`);
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
