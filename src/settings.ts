import { readFileSync } from 'node:fs';
import { z } from 'zod';

const url = z.string().refine((text) => URL.canParse(text), 'is not a URL');

/** Every setting, with its default. Flags win over environment, environment over the file. */
const schema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(4566),
  data: z.string().min(1).default('packyard-data'),
  database: z.string().optional(),
  blobs: z.string().optional(),
  auth: z.enum(['open', 'enforce']).default('open'),
  strict: z.stringbool().or(z.boolean()).default(false),
  endpointStyle: z.enum(['path', 'host']).default('path'),
  endpointHost: z.string().min(1).optional(),
  memory: z.stringbool().or(z.boolean()).default(false),
  workers: z.coerce.number().int().min(1).default(1),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Addresses of public registries by connection name. */
  registry: z.record(z.string(), url).default({}),
});

export type Settings = z.infer<typeof schema>;
type Name = keyof Settings;
const names = Object.keys(schema.shape) as Name[];

/** A setting that cannot be used; the message is one line for the person at the terminal. */
export class SettingsError extends Error {}

/**
 * Reads the settings.
 *
 * @param flags what the command line gives, by setting name, unset ones undefined
 * @param environment the process's; `PACKYARD_LOG_LEVEL` is `logLevel`
 * @param file path of a YAML file
 * @throws SettingsError for unknown names (with the nearest known one), wrong values, or what this version lacks.
 */
export async function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
): Promise<Settings> {
  const given = { ...(await fromFile(file)), ...fromEnvironment(environment), ...defined(flags) };
  for (const name of Object.keys(given)) if (!names.includes(name as Name)) throw unknown(name, names);
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    throw new SettingsError(`${flagOf(name)} ${JSON.stringify(given[name])}: ${issue?.message}`);
  }
  checkSupported(parsed.data);
  return parsed.data;
}

async function fromFile(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const { parse } = await import('yaml');
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 }) ?? {};
    if (typeof content !== 'object' || Array.isArray(content)) throw new Error('it is not a map of settings');
    return content as Record<string, unknown>;
  } catch (error) {
    throw new SettingsError(`--config ${file}: ${(error as Error).message}`);
  }
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const variables = new Map(names.map((name) => [variableOf(name), name]));
  const given: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('PACKYARD_') || variable === 'PACKYARD_CONFIG' || value === undefined) continue;
    const name = variables.get(variable);
    if (name === undefined) throw unknown(variable, [...variables.keys()]);
    given[name] = name === 'registry' ? parseRegistries(value.split(',')) : value;
  }
  return given;
}

/** Reads `public:npmjs=https://…` pairs. */
export function parseRegistries(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
      throw new SettingsError(`--registry ${pair}: must be CONNECTION=URL, for example public:npmjs=https://…`);
    }),
  );
}

function checkSupported({ auth, blobs, workers, database }: Settings): void {
  if (auth === 'enforce') {
    throw new SettingsError('--auth enforce: permission policies are not part of this version yet; use --auth open');
  }
  if (blobs !== undefined)
    throw new SettingsError(`--blobs ${blobs}: only the data folder can hold blobs in this version`);
  if (workers > 1) throw new SettingsError(`--workers ${workers}: this version runs as one process; leave it out`);
  if (database !== undefined && !/^postgres(ql)?:\/\//.test(database)) {
    throw new SettingsError(
      `--database ${database}: must be a postgres:// URL; without it the data folder holds the database`,
    );
  }
}

function defined(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function unknown(name: string, known: readonly string[]): SettingsError {
  const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
  return new SettingsError(`unknown setting '${name}'; did you mean '${nearest}'?`);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [position, letter] of [...a].entries()) {
    const next = [position + 1];
    for (const [column, other] of [...b].entries()) {
      const substituted = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

function variableOf(name: string): string {
  return `PACKYARD_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
}
