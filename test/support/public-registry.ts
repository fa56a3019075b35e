import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { distOf, type PackageSketch, tarballOf } from './packages.ts';
import { StandIn } from './stand-in.ts';

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
export class PublicRegistry extends StandIn {
  /** Milliseconds between the two halves of a tarball. */
  tarballPauseMs = 0;
  /** Second halves of tarballs are sent when this resolves. */
  tarballGate: Promise<void> = Promise.resolve();
  /** Begin no answer at all. */
  hangs = false;
  /** Send listings like this instead: cut in the middle, or as something they are not. */
  spoilsListings: 'cut' | 'not gzip' | undefined;
  /** Break tarballs off in the middle. */
  cutsTarballs = false;
  /** Send other bytes than the metadata promises. */
  corruptsTarballs = false;
  readonly #packages = new Map<string, Package>();

  get url(): string {
    return this.at('/');
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

  protected async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.hangs) return;
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
