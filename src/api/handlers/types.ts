import type { Call } from '../messages.ts';
import type { ParsedInput } from '../parse.ts';

/** An operation's work: from checked input to the members of its output. */
export type Handler = (call: Call, input: ParsedInput) => Promise<object>;

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;

/**
 * AWS's type of an input once the parser has checked it: AWS's types let required members be undefined, here they are
 * there.
 */
export type Checked<T> = T extends readonly (infer Item)[]
  ? readonly Checked<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Checked<IsOptional<T, K> extends true ? T[K] : Exclude<T[K], undefined>> }
    : T;
