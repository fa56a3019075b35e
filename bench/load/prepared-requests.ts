import { publishDocument } from '../packages/publish-document.ts';
import type { Job, Publications, ReadRequest } from './job.ts';

/** A request in bytes, and what its answer has to be. */
export interface PreparedRequest {
  readonly bytes: Uint8Array;
  readonly label: string;
  readonly name: string;
  /** Learnt from the first answer when it is not known before. */
  bodyBytes: number | undefined;
  /** Whether every answer must have the same length. */
  readonly isSteady: boolean;
}

/** Everything a job sends, made before its time begins. */
export function prepare({ port, work }: Job): PreparedRequest[] {
  if (work.kind === 'reads') return work.requests.map((request) => readRequest(port, request));
  return publications(port, work);
}

function readRequest(port: number, { method = 'GET', path, headers, label, bodyBytes }: ReadRequest): PreparedRequest {
  const length = method === 'GET' ? {} : { 'content-length': '0' };
  const bytes = Buffer.from(head(port, method, path, { ...headers, ...length }), 'latin1');
  return { bytes, label, name: `${method} ${path}`, bodyBytes, isSteady: true };
}

function publications(port: number, { endpoint, headers, publications }: Publications): PreparedRequest[] {
  return publications.map((publication) => {
    const path = endpoint + publication.name;
    const body = publishDocument(publication);
    const about = { 'content-type': 'application/json', 'content-length': String(body.length) };
    const start = Buffer.from(head(port, 'PUT', path, { ...headers, ...about }), 'latin1');
    const bytes = Buffer.concat([start, body]);
    return { bytes, label: 'publish', name: `PUT ${path}`, bodyBytes: undefined, isSteady: false };
  });
}

function head(port: number, method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const all = { host: `127.0.0.1:${port}`, 'user-agent': 'bench', connection: 'keep-alive', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
