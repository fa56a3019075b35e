import { invalid } from '../core/errors.ts';
import type { AssumeRoleInput } from '../core/identity/assume-role.ts';
import { missing, type Problems, readText } from './check.ts';
import { validationErrors } from './parse.ts';
import type { Rule } from './rules.ts';

const defaultSessionSeconds = 3_600;
const maxTags = 50;

/** Constraints of STS's model of 2011-06-15; a session policy's greatest length is from its API reference. */
const rules = {
  roleArn: text(20, 2048),
  roleSessionName: text(2, 64, '[\\w+=,.@-]*'),
  durationSeconds: { kind: 'number', min: 900, max: 43_200 },
  policy: text(1, 2048),
  externalId: text(2, 1224, '[\\w+=,.@:\\/-]*'),
  tagKey: text(1, 128, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+'),
  tagValue: text(0, 256, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'),
} as const satisfies Record<string, Rule>;

/** What AssumeRole of AWS takes as well. To leave any of it out of account could make a session more than was asked. */
const unsupported = [
  'PolicyArns',
  'TransitiveTagKeys',
  'SerialNumber',
  'TokenCode',
  'SourceIdentity',
  'ProvidedContexts',
] as const;

/** Reads AssumeRole's parameters from the form. Throws ValidationException with AWS's texts. */
export function assumeRoleInput(form: URLSearchParams): AssumeRoleInput {
  for (const name of form.keys()) {
    const parameter = unsupported.find((candidate) => name === candidate || name.startsWith(`${candidate}.`));
    if (parameter !== undefined) throw invalid(`The parameter ${parameter} is not supported; leave it out.`);
  }
  const problems: Problems = { unreadable: [], failures: [] };
  const read = (name: string, field: keyof typeof rules): unknown => {
    const value = form.get(name);
    return value === null ? undefined : readText(rules[field], value, field, problems);
  };
  const roleArn = read('RoleArn', 'roleArn') ?? missing('roleArn', problems);
  const sessionName = read('RoleSessionName', 'roleSessionName') ?? missing('roleSessionName', problems);
  const durationSeconds = read('DurationSeconds', 'durationSeconds') ?? defaultSessionSeconds;
  const policy = read('Policy', 'policy');
  const externalId = read('ExternalId', 'externalId');
  const tags = readTags(form, problems);
  if (problems.unreadable.length > 0) throw invalid(`The request cannot be read: ${problems.unreadable.join('; ')}.`);
  if (problems.failures.length > 0) throw validationErrors(problems.failures);
  return { roleArn, sessionName, durationSeconds, policy, externalId, tags } as AssumeRoleInput;
}

/** `Tags.member.1.Key`, `Tags.member.1.Value`, … */
function readTags(form: URLSearchParams, problems: Problems): Record<string, string> {
  const numbers = new Set<number>();
  for (const name of form.keys()) {
    const [, number] = /^Tags\.member\.(\d{1,6})\.(?:Key|Value)$/.exec(name) ?? [];
    if (number !== undefined) numbers.add(Number(number));
  }
  if (numbers.size > maxTags) {
    problems.failures.push(
      `Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to ${maxTags}`,
    );
    return {};
  }
  const entries = [...numbers]
    .sort((a, b) => a - b)
    .map((number) => [readTag(form, number, 'Key', problems), readTag(form, number, 'Value', problems)] as const);
  const keys = entries.map(([key]) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (keys.some((key) => key.startsWith('aws:'))) {
    throw invalid("Tag keys that begin with 'aws:' are AWS's own; choose another.");
  }
  return Object.fromEntries(entries);
}

function readTag(form: URLSearchParams, number: number, part: 'Key' | 'Value', problems: Problems): string {
  const field = `tags.${number}.member.${part.toLowerCase()}`;
  const value = form.get(`Tags.member.${number}.${part}`);
  if (value === null) missing(field, problems);
  else readText(part === 'Key' ? rules.tagKey : rules.tagValue, value, field, problems);
  return value ?? '';
}

function text(min: number, max: number, pattern?: string) {
  const compiled =
    pattern === undefined ? undefined : { text: pattern, expression: new RegExp(`^(?:${pattern})$`, 'u') };
  return { kind: 'string', min, max, pattern: compiled, values: undefined } as const;
}
