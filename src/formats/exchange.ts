import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Caller } from '../core/caller.ts';
import type { PackageCoordinate } from '../core/coordinates.ts';
import type { Deps } from '../core/deps.ts';
import type { Prepared } from '../core/prepared.ts';
import type { Moment } from '../core/present.ts';
import type { ResolvedAsset } from '../core/resolve-asset.ts';
import type { RepositoryInDomain } from '../ports/storage.ts';
import type { DataPlaneAction } from './format.ts';

/** How a handler answers. Exactly one of these is called, once. */
export interface Answer {
  json(status: number, value: unknown, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** A short plain text, which may be empty. */
  text(status: number, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Prepared bytes: honours If-None-Match, HEAD and Accept-Encoding. */
  prepared(prepared: Prepared, headers: Readonly<Record<string, string>>): Promise<void>;
  /**
   * An asset: honours HEAD, If-None-Match and Range; streams with back-pressure. Its type is `octet-stream` where the
   * headers do not say another.
   */
  asset(asset: ResolvedAsset, headers: Readonly<Record<string, string>>): Promise<void>;
}

/** One data-plane request, located, authenticated, authorized and with its repository found. */
export interface Exchange {
  readonly deps: Deps;
  readonly caller: Caller;
  readonly target: RepositoryInDomain;
  /** The state of the database at the beginning of the request. */
  readonly moment: Moment;
  /** The repository's address for this format as this caller used it; ends in `/`. */
  readonly endpoint: string;
  readonly method: string;
  /** Whether what AWS lacks or refuses is left out. */
  readonly isStrict: boolean;
  /** The route's `:name` parts, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The request's body, decompressed when it came with a Content-Encoding. */
  body(): Readable;
  /**
   * The request's body as the bytes of a file: what is stored, hashed and given out again. Throws ValidationException when
   * it came with a Content-Encoding, or is a part of the file.
   */
  file(): Readable;
  /** Asks for permission that the request's content needs. Throws AccessDeniedException. */
  authorize(action: DataPlaneAction, coordinate: PackageCoordinate): Promise<void>;
  readonly answer: Answer;
}
