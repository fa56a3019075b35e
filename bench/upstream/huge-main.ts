import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { hugeDistOf, hugeRandom } from '../packages/huge.ts';

/** `huge-main.ts NAME BYTES`: a registry of one package whose tarball has so many bytes, none of them held. */
const [name = '', length] = process.argv.slice(2);
const version = '1.0.0';
const bytes = hugeRandom(Number(length));
const dist = hugeDistOf(bytes);
const file = `/${name}/-/${name}-${version}.tgz`;

const server = createServer((request, response) => {
  if (request.url === file) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    Readable.from(bytes.chunks(), { objectMode: false }).pipe(response);
    return;
  }
  if (request.url !== `/${name}`) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
    return;
  }
  const { port } = server.address() as AddressInfo;
  const manifest = { name, version, dist: { ...dist, tarball: `http://127.0.0.1:${port}${file}` } };
  const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: manifest }, time: {} };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/`, rootDependencies: {} }));
});
