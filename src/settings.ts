import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseS3Location, withoutSecrets } from './adapters/s3/location.ts';
import type { Webhook } from './core/events/deliver.ts';
import { externalConnections } from './core/external-connections.ts';
import { defaultQuotas } from './core/quotas.ts';
import { defaultRates } from './core/rates.ts';
import { changesOf } from './limit-settings.ts';
import { nearestName } from './nearest-name.ts';
import { shownWebhooks, webhookList } from './webhook-settings.ts';

/** Every setting, with its default. Flags win over environment, environment over the file. */
const schema = z.strictObject({
  host: text().default('127.0.0.1'),
  port: wholeNumber(0, 65_535).default(4566),
  data: text().default('packyard-data'),
  database: text().optional(),
  /** The bucket that holds the blobs instead of the data folder. */
  blobs: s3Location().optional(),
  auth: oneOf('open', 'enforce').default('open'),
  /** The file that says who there is, with `auth: enforce`. */
  principals: text().optional(),
  strict: yesOrNo().default(false),
  endpointStyle: oneOf('path', 'host').default('path'),
  endpointHost: text().refine(isOrigin, 'must be a host, with a port and a scheme if need be').optional(),
  memory: yesOrNo().default(false),
  workers: wholeNumber(1, 1024).default(1),
  logLevel: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  /** Addresses of public registries by connection name. */
  registry: z
    .record(z.string(), text().refine(isHttpUrl, 'must be an http(s) URL'), { error: 'must map connections to URLs' })
    .refine((given) => Object.keys(given).every((name) => externalConnections.has(name)), {
      error: `must be of the connections ${[...externalConnections.keys()].join(', ')}`,
    })
    .default({}),
  /** How much there may be of something, where it is not what AWS allows. */
  quota: changesOf('quota', defaultQuotas),
  throttle: yesOrNo().default(false),
  /** Requests per second with `throttle`, where they are not what AWS allows. */
  rate: changesOf('rate', defaultRates),
  /** Who is told over HTTP what happens. */
  webhook: webhookList(),
  /** The secret of those webhooks that are given without one. */
  webhookSecret: text().optional(),
});

type Values = z.infer<typeof schema>;
type Name = keyof Values;
export type Settings = Omit<Values, 'webhook' | 'webhookSecret'> & { readonly webhook: readonly Webhook[] };
const names = Object.keys(schema.shape) as Name[];

/** A setting that cannot be used; the message is one line for the person at the terminal. */
export class SettingsError extends Error {}

/** One place that settings are given in. */
interface Source {
  readonly values: Readonly<Record<string, unknown>>;
  /** What a setting is called there, for messages. */
  label(name: string): string;
}

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
  const sources: readonly Source[] = [
    ...(file === undefined ? [] : [await fromFile(file)]),
    fromEnvironment(environment),
    { values: defined(flags), label: flagOf },
  ];
  const given = Object.assign({}, ...sources.map(({ values }) => values)) as Record<string, unknown>;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    const label = sources.findLast(({ values }) => name in values)?.label(name);
    const shown = withoutSecrets(`${label}${shownValue(name, given[name])}`);
    throw new SettingsError(`${shown}: ${issue?.message}`);
  }
  const { webhook, webhookSecret, ...settings } = parsed.data;
  checkSupported(settings);
  return { ...settings, webhook: webhook.map(({ url, secret = webhookSecret }) => withSecret(url, secret)) };
}

function shownValue(name: string, value: unknown): string {
  if (name === 'webhookSecret') return '';
  return ` ${JSON.stringify(name === 'webhook' ? shownWebhooks(value) : value)}`;
}

function withSecret(url: string, secret: string | undefined): Webhook {
  if (secret !== undefined) return { url, secret };
  throw new SettingsError(
    `--webhook ${withoutSecrets(url)} needs a secret, that it knows us by: put it into PACKYARD_WEBHOOK_SECRET, or beside the url in the --config file`,
  );
}

async function fromFile(file: string): Promise<Source> {
  const { parse } = await import('yaml');
  const label = (name: string) => `'${name}' in ${file}`;
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100, logLevel: 'error' }) ?? {};
    if (typeof content !== 'object' || Array.isArray(content)) throw new Error('it is not a map of settings');
    const values = content as Record<string, unknown>;
    for (const name of Object.keys(values)) if (!names.includes(name as Name)) throw unknown(name, names);
    return { values, label };
  } catch (error) {
    // The parser draws the place below its first line.
    const [firstLine] = (error as Error).message.split('\n');
    throw new SettingsError(`--config ${file}: ${firstLine?.replace(/:$/, '')}`);
  }
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Source {
  const variables = new Map(names.map((name) => [variableOf(name), name]));
  const values: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('PACKYARD_') || variable === 'PACKYARD_CONFIG' || value === undefined) continue;
    const name = variables.get(variable);
    if (name === undefined) throw unknown(variable, [...variables.keys(), 'PACKYARD_CONFIG']);
    if (isMap(name)) values[name] = parsePairs(name, value.split(','));
    else values[name] = name === 'webhook' ? value.split(',') : value;
  }
  return { values, label: variableOf };
}

/** The settings that are maps, and how a pair of one is written where there is no YAML. */
const pairShapes = {
  registry: 'CONNECTION=URL, for example public:npmjs=https://…',
  quota: 'NAME=NUMBER, for example domainsPerAccount=50',
  rate: 'NAME=NUMBER, for example GetAuthorizationToken=100',
} as const;

/** Whether a setting is a map, given as pairs on the command line and in the environment. */
export function isMap(name: string): name is keyof typeof pairShapes {
  return Object.hasOwn(pairShapes, name);
}

/** Reads the pairs of a map, `public:npmjs=https://…`. */
export function parsePairs(name: keyof typeof pairShapes, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
      throw new SettingsError(`--${name} ${pair}: must be ${pairShapes[name]}`);
    }),
  );
}

function checkSupported({ auth, blobs, database, memory, principals }: Omit<Settings, 'webhook'>): void {
  if (memory && database !== undefined) {
    throw new SettingsError('--memory with --database: the database would keep what the blobs do not; leave one out');
  }
  if (memory && blobs !== undefined) {
    throw new SettingsError('--memory with --blobs: the bucket would keep what the database does not; leave one out');
  }
  if (auth === 'enforce' && principals === undefined) {
    throw new SettingsError('--auth enforce needs --principals FILE, which says who there is and what they may do');
  }
  if (auth === 'open' && principals !== undefined) {
    throw new SettingsError(
      '--principals without --auth enforce would let everyone in all the same; add --auth enforce',
    );
  }
  if (database !== undefined && !/^postgres(ql)?:\/\//.test(database)) {
    throw new SettingsError(
      `--database ${database}: must be a postgres:// URL; without it the data folder holds the database`,
    );
  }
}

function text() {
  return z.string({ error: 'must be text' }).min(1, 'must not be empty');
}

function s3Location() {
  return text().transform((value, context) => {
    try {
      return parseS3Location(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

/** A number, or its digits as flags and variables have it. */
function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error })
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, error);
}

function yesOrNo() {
  return z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' });
}

function oneOf<const Values extends readonly string[]>(...values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

function isHttpUrl(value: string): boolean {
  return /^https?:$/.test(URL.parse(value)?.protocol ?? '');
}

/** Whether `value` is a host with an optional port, or a scheme and those. */
function isOrigin(value: string): boolean {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  return url !== null && `${url.protocol}//${url.host}/` === url.href;
}

function defined(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function unknown(name: string, known: readonly string[]): SettingsError {
  return new SettingsError(`unknown setting '${name}'; did you mean '${nearestName(name, known)}'?`);
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
