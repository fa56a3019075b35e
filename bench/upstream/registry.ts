import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { distOf } from '../packages/tarball.ts';
import { contentsOf } from './contents.ts';
import { packumentsOf, tarballFile } from './packument.ts';
import type { PackageSketch } from './sketch.ts';

interface Listing {
  readonly etag: string;
  readonly gzip: Buffer;
}

/**
 * A public registry that costs almost nothing to ask: all listings are rendered and compressed, and all tarballs made,
 * when they are added.
 */
export class Registry {
  readonly #full = new Map<string, Listing>();
  readonly #abbreviated = new Map<string, Listing>();
  readonly #tarballs = new Map<string, Buffer>();
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  /** Listens on a free port of the loopback; returns the address, which ends in `/`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#server.keepAliveTimeout = 60_000;
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The registry has no port.');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Adds a package whose tarballs lie below `url`. */
  add(sketch: PackageSketch, url: string): void {
    const { name, tarballs } = sketch;
    const dists = new Map<string, { shasum: string; integrity: string }>();
    for (const [version, tarball] of tarballs) {
      const bytes = contentsOf(sketch, version, tarball);
      this.#tarballs.set(`/${name}/-/${tarballFile(name, version)}`, bytes);
      dists.set(version, distOf(bytes));
    }
    const { full, abbreviated } = packumentsOf(sketch, url, dists);
    this.#full.set(`/${name}`, listingOf(full));
    this.#abbreviated.set(`/${name}`, listingOf(abbreviated));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? '');
    const { accept = '', 'accept-encoding': coding = '', 'if-none-match': known } = request.headers;
    const tarball = this.#tarballs.get(path);
    if (tarball !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': tarball.length });
      response.end(tarball);
      return;
    }
    const isAbbreviated = accept.includes('application/vnd.npm.install-v1+json');
    const listing = (isAbbreviated ? this.#abbreviated : this.#full).get(path);
    if (listing === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
      return;
    }
    const { etag, gzip } = listing;
    if (known === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    const type = isAbbreviated ? 'application/vnd.npm.install-v1+json' : 'application/json';
    const headers = {
      'content-type': type,
      etag,
      vary: 'accept, accept-encoding',
      'cache-control': 'public, max-age=300',
    };
    if (!String(coding).includes('gzip')) {
      response.writeHead(200, headers).end(gunzipSync(gzip));
      return;
    }
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': gzip.length }).end(gzip);
  }
}

function listingOf(text: string): Listing {
  return { etag: `"${createHash('sha1').update(text).digest('hex')}"`, gzip: gzipSync(text) };
}
