import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Caller } from '../core/caller.ts';
import type { PackageCoordinate } from '../core/coordinates.ts';
import type { Deps } from '../core/deps.ts';
import type { Moment } from '../core/present.ts';
import type { Answer, Exchange } from '../formats/exchange.ts';
import type { DataPlaneAction } from '../formats/format.ts';
import type { RepositoryInDomain } from '../ports/storage.ts';
import { rawAnswer } from './answer.ts';
import type { DecodedBody } from './decoded-body.ts';
import type { Location } from './location.ts';
import type { RouteMatch } from './route-table.ts';

/** What a request consists of by the time a handler gets it. */
export interface ExchangeParts {
  readonly deps: Deps;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly location: Location;
  readonly match: RouteMatch;
  readonly caller: Caller;
  readonly moment: Moment;
  readonly endpoint: string;
  readonly isStrict: boolean;
  readonly body: DecodedBody;
  /** Whether what the route needs was permitted already; if not, only the body says which package it is about. */
  readonly isPermitted: boolean;
  /** Throws AccessDeniedException. */
  permit(action: DataPlaneAction, coordinate: PackageCoordinate): Promise<void>;
  /** The repository; throws 404. */
  target(): RepositoryInDomain;
}

/**
 * A request as a format's handler gets it. Before what the route needs is permitted, it gives out neither the repository
 * nor a way to answer.
 *
 * A class because this is made for every request: an object literal with getters would be a shape of its own each time.
 */
export class RequestExchange implements Exchange {
  readonly deps: Deps;
  readonly caller: Caller;
  readonly moment: Moment;
  readonly endpoint: string;
  readonly isStrict: boolean;
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly #parts: ExchangeParts;
  #isPermitted: boolean;

  constructor(parts: ExchangeParts) {
    this.deps = parts.deps;
    this.caller = parts.caller;
    this.moment = parts.moment;
    this.endpoint = parts.endpoint;
    this.isStrict = parts.isStrict;
    this.method = parts.request.method ?? 'GET';
    this.params = parts.match.params;
    this.headers = parts.request.headers;
    this.#parts = parts;
    this.#isPermitted = parts.isPermitted;
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#parts.location.query);
  }

  get target(): RepositoryInDomain {
    this.#checkPermitted();
    return this.#parts.target();
  }

  get answer(): Answer {
    this.#checkPermitted();
    return rawAnswer(this.#parts.request, this.#parts.response);
  }

  body(): Readable {
    return this.#parts.body.stream();
  }

  file(): Readable {
    return this.#parts.body.plain();
  }

  async authorize(action: DataPlaneAction, coordinate: PackageCoordinate): Promise<void> {
    await this.#parts.permit(action, coordinate);
    if (action === this.#parts.match.route.action) this.#isPermitted = true;
  }

  #checkPermitted(): void {
    if (this.#isPermitted) return;
    throw new Error(`The handler of ${this.method} '${this.#parts.match.route.path}' asked for no permission.`);
  }
}
