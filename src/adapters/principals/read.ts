import { LineCounter, parseDocument } from 'yaml';
import { type Path, PlacedError, PrincipalsError, placeOf } from './place.ts';
import { type Principals, principalsOf } from './principals.ts';
import { schema } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a principals file's text, YAML or JSON.
 *
 * Throws PrincipalsError, whose message never has a secret in it.
 */
export function readPrincipals(file: string, text: string, environment: Environment): Principals {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) {
    // The parser draws the place below its first line, and that may show a secret.
    const [firstLine = ''] = fault.message.split('\n');
    throw new PrincipalsError(
      `${file}:${lines.linePos(fault.pos[0]).line}: ${firstLine.replace(/ at line \d+.*$/, '')}`,
    );
  }
  const placed = (path: Path, message: string) =>
    new PrincipalsError(`${file}:${placeOf(document, lines, path)}: ${message}`);
  const parsed = schema.safeParse(content(file, document));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    throw placed([...(issue?.path ?? []), ...unknownKey], issue?.message ?? 'it cannot be used');
  }
  try {
    return principalsOf(parsed.data, environment);
  } catch (error) {
    if (error instanceof PlacedError) throw placed(error.path, error.message);
    throw error;
  }
}

/** Aliases may not blow the file up. */
function content(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new PrincipalsError(`${file}: ${(error as Error).message}`);
  }
}
