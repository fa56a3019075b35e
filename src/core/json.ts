/** An object of a document someone else wrote: members may be of any type, or missing. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as a text that says something; undefined when it is none, or empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value as an object; undefined when it is none (null and lists are not). */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
