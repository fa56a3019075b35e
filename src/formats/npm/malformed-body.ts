import { invalid, type PackyardError } from '../../core/errors.ts';

/** The refusal of a body that cannot be read. */
export function malformed(message: string): PackyardError {
  return invalid(message, 'CANNOT_PARSE');
}

export function notJson(): PackyardError {
  return malformed('The body is not valid JSON. Publish again; a client or a proxy has changed it.');
}

/** A name of the sender's in a message: quoted, and never long. */
export function shown(name: string | undefined): string {
  return JSON.stringify((name ?? '').slice(0, 100));
}
