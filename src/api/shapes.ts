/** The type of a value on the wire. Structures are named; `structures` of the generated table says what is in them. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'timestamp'
  | 'stream'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly structure: string };

/** Where a member travels. `payload` is the whole body, as bytes. */
export type Location = 'query' | 'header' | 'body' | 'payload';

export interface MemberShape {
  readonly name: string;
  readonly type: Shape;
  readonly required: boolean;
}

export interface LocatedMember extends MemberShape {
  readonly in: Location;
  /** The name it travels under; for the body the member's own. */
  readonly wire: string;
}

/** One operation as AWS's client describes it. */
export interface OperationShape {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly input: readonly LocatedMember[];
  readonly output: readonly LocatedMember[];
}
