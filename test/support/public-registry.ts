import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { distOf, type PackageSketch, tarballOf } from './packages.ts';

interface Package {
  readonly versions: Map<string, Published>;
  readonly tags: Record<string, string>;
  readme: string;
}

interface Published {
  readonly manifest: Record<string, unknown>;
  readonly tarball: Buffer;
  readonly time: string;
}

/**
 * A small npm registry that plays the public one in tests: it counts what it is asked, and can be made slow, broken,
 * lying or gone.
 */
export class PublicRegistry {
  /** Every request so far, as `GET /path`. */
  readonly requests: string[] = [];
  /** Milliseconds before each answer. */
  delayMs = 0;
  /** Milliseconds between the two halves of a tarball. */
  tarballPauseMs = 0;
  /** Second halves of tarballs are sent when this resolves. */
  tarballGate: Promise<void> = Promise.resolve();
  /** Answer everything with this status. */
  failWith: number | undefined;
  /** Begin no answer at all. */
  hangs = false;
  /** Send listings like this instead: cut in the middle, or as something they are not. */
  spoilsListings: 'cut' | 'not gzip' | undefined;
  /** Break tarballs off in the middle. */
  cutsTarballs = false;
  /** Send other bytes than the metadata promises. */
  corruptsTarballs = false;
  readonly #packages = new Map<
    string,
    { versions: Map<string, Published>; tags: Record<string, string>; readme: string }
  >();
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<PublicRegistry> {
    const registry = new PublicRegistry();
    await registry.listen();
    return registry;
  }

  get url(): string {
    return `http://localhost:${this.#port}/`;
  }

  /** Listens; on the former port after `stop`. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, 'localhost', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops listening: connections are refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Publishes a version under `latest` or the given tag. */
  async publish(sketch: PackageSketch, options: { tag?: string; time?: string; readme?: string } = {}): Promise<void> {
    const { name, version, manifest = {} } = sketch;
    const tarball = await tarballOf(sketch);
    const known: Package = this.#packages.get(name) ?? { versions: new Map(), tags: {}, readme: '' };
    this.#packages.set(name, known);
    const file = `${name.replace(/^.*\//, '')}-${version}.tgz`;
    const dist = { ...distOf(tarball), tarball: `${this.url}${name}/-/${file}` };
    const time = options.time ?? '2020-01-01T00:00:00.000Z';
    known.versions.set(version, { manifest: { name, version, ...manifest, dist }, tarball, time });
    known.tags[options.tag ?? 'latest'] = version;
    if (options.readme !== undefined) known.readme = options.readme;
  }

  /** Changes what the listing says of a version. */
  rewrite(name: string, version: string, change: (manifest: Record<string, unknown>) => void): void {
    const published = this.#packages.get(name)?.versions.get(version);
    if (published !== undefined) change(published.manifest);
  }

  unpublish(name: string): void {
    this.#packages.delete(name);
  }

  /** How many requests had this method and path. */
  count(request: string): number {
    return this.requests.filter((seen) => seen === request).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '');
    this.requests.push(`${request.method} ${path}`);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.hangs) return;
    if (this.failWith !== undefined) return void response.writeHead(this.failWith).end('out of order');
    const [, name = '', file] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+))?$/.exec(path) ?? [];
    const known = this.#packages.get(name);
    if (known === undefined)
      return void response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
    if (file === undefined) return this.#packument(request, response, name, known);
    const version = [...known.versions.keys()].find((candidate) => file.endsWith(`-${candidate}.tgz`));
    const tarball = known.versions.get(version ?? '')?.tarball;
    if (tarball === undefined) return void response.writeHead(404).end();
    await this.#tarball(response, tarball);
  }

  #packument(request: IncomingMessage, response: ServerResponse, name: string, known: Package): void {
    const { versions, tags, readme } = known;
    const times = Object.fromEntries([...versions].map(([version, { time }]) => [version, time]));
    const body = JSON.stringify({
      _id: name,
      name,
      'dist-tags': tags,
      versions: Object.fromEntries([...versions].map(([version, { manifest }]) => [version, manifest])),
      time: { created: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z', ...times },
      readme,
    });
    const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    if (this.spoilsListings === 'cut') {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, 50), () => response.destroy());
      return;
    }
    const coding = this.spoilsListings === 'not gzip' ? { 'content-encoding': 'gzip' } : {};
    response.writeHead(200, { 'content-type': 'application/json', etag, ...coding }).end(body);
  }

  async #tarball(response: ServerResponse, tarball: Buffer): Promise<void> {
    const bytes = this.corruptsTarballs ? Buffer.from(tarball).fill(0, tarball.length - 8) : tarball;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    const half = Math.floor(bytes.length / 2);
    response.write(bytes.subarray(0, half));
    await new Promise((resolve) => setTimeout(resolve, this.tarballPauseMs));
    await this.tarballGate;
    if (this.cutsTarballs) response.destroy();
    else response.end(bytes.subarray(half));
  }
}
