import type { PackageCoordinate } from '../core/coordinates.ts';
import type { PackyardError } from '../core/errors.ts';
import type { FormatRules } from '../core/format.ts';
import type { Exchange } from './exchange.ts';

/** What a route needs permission for. `ReadFromRepository` is on the repository, the others are on the package. */
export type DataPlaneAction = 'ReadFromRepository' | 'PublishPackageVersion' | 'PutPackageMetadata';

/** One route of a format's protocol, below the repository's endpoint. */
export interface FormatRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Segments parted by `/`; `:name` takes one segment, one `*` one or more. GET routes answer HEAD too. */
  readonly path: string;
  readonly action: DataPlaneAction;
  /** Whether AWS lacks or refuses it; `--strict` switches it off. */
  readonly isExtra?: boolean;
  /** The package a route acts on, from its parameters; undefined when they name none. */
  coordinate?(params: Readonly<Record<string, string>>): PackageCoordinate | undefined;
  /**
   * Whether only the body names the package. The handler then asks for `action` itself, by `Exchange.authorize`; before
   * it has, it is handed neither the repository nor a way to answer. What else it takes is asked for the same way.
   */
  readonly isPackageInBody?: boolean;
  handle(exchange: Exchange): Promise<void>;
}

/** A package format: what the core needs to know of it, and its protocol. */
export interface Format {
  readonly rules: FormatRules;
  readonly routes: readonly FormatRoute[];
  /**
   * The segments of a path below the endpoint, each decoded once after the split on raw `/`; undefined when the path
   * is malformed or tries to leave its place.
   */
  segments(rawPath: string): readonly string[] | undefined;
  /**
   * How this protocol's clients are told of an error. `reason` stands in the status line, where that is all they show.
   */
  errorBody(error: PackyardError): { readonly contentType: string; readonly body: string; readonly reason?: string };
  /** The ways to send a token that a 401 names; all that are taken where it is absent. */
  readonly challenges?: readonly ('Bearer' | 'Basic')[];
}
