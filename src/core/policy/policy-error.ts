/** A policy document that cannot be used. The message is one line: which statement, what is wrong, what to do. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** `value` as it stands in a message: as JSON, so on one line, and not longer than it helps. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
