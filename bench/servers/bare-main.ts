import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream';

/**
 * `bare-main.ts memory|disk FOLDER PORT` answers with the files of a folder: from memory, or streamed from disk. What
 * it knows of them, it read at its start; a `.gz` file is a compressed listing.
 */
const [keeps, folder = '', port] = process.argv.slice(2);

const files = new Map(
  readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const content = readFileSync(path);
    const headers = name.endsWith('.gz')
      ? { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': content.length }
      : { 'content-type': 'application/octet-stream', 'content-length': content.length };
    return [`/${name}` as string, { path, headers, content: keeps === 'memory' ? content : undefined }] as const;
  }),
);

createServer((request, response) => {
  const file = files.get(request.url ?? '');
  if (file === undefined) {
    response.writeHead(request.url === '/health' ? 200 : 404).end();
    return;
  }
  response.writeHead(200, file.headers);
  if (file.content !== undefined) response.end(file.content);
  else pipeline(createReadStream(file.path), response, () => undefined);
}).listen(Number(port), '127.0.0.1');
