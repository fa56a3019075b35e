import { PackyardError } from '../../core/errors.ts';

/** A request as it came in, nothing of it decoded: what a signature is over. Node's IncomingMessage has these. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
}

/** A request whose query and headers can be looked up. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  /** Decoded exactly as the API decodes it, so that what was signed is what is understood. */
  readonly query: URLSearchParams;
  /** All values of a header, by its lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export function partsOf({ method, path, query, rawHeaders }: SignedRequest): RequestParts {
  const headers = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [rawHeaders[index + 1] ?? '']);
    else values.push(rawHeaders[index + 1] ?? '');
  }
  return { method, path, query: new URLSearchParams(query), headers };
}

/** The value of a header that a signature rests on; undefined without it. Throws when there are several. */
export function onlyHeader({ headers }: RequestParts, name: string): string | undefined {
  return only(headers.get(name), `header '${name}'`);
}

/** The same for a query parameter. */
export function onlyParameter({ query }: RequestParts, name: string): string | undefined {
  return only(query.getAll(name), `parameter '${name}'`);
}

function only(values: readonly string[] = [], what: string): string | undefined {
  const [value, ...others] = values;
  if (others.length > 0) throw incomplete(`The ${what} is there ${values.length} times; send it once.`);
  return value;
}

export function incomplete(message: string): PackyardError {
  return new PackyardError('IncompleteSignatureException', message);
}

export function wrong(message: string): PackyardError {
  return new PackyardError('InvalidSignatureException', message);
}
