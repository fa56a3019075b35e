import { z } from 'zod';
import { nearestName } from '../../nearest-name.ts';

const text = () => z.string({ error: 'must be text; put it in quotes' }).min(1, 'must not be empty');

/** A policy by name, or its document, which is compiled later. */
const policy = z.union([text(), z.record(z.string(), z.unknown())], {
  error: 'must be the name of a policy or a policy document',
});
const policies = z.array(policy, { error: 'must be a list of policies' }).default([]);

const accessKey = strict({
  id: text().regex(/^[A-Za-z0-9_-]{1,128}$/, 'must have letters, digits, _ and - only'),
  secret: text().optional(),
  /** The environment variable that has the secret, so that the file can be shown around. */
  secretEnv: text().optional(),
}).refine(({ secret, secretEnv }) => (secret === undefined) !== (secretEnv === undefined), {
  error: "must have one of 'secret' and 'secretEnv'",
});
const accessKeys = z.array(accessKey, { error: 'must be a list of access keys' }).default([]);

const tags = z
  .record(z.string(), z.string({ error: 'must be text; put it in quotes' }), {
    error: 'must map tag keys to values',
  })
  .default({});

const user = strict({
  accessKeys,
  policies,
  permissionsBoundary: policy.optional(),
  groups: z.array(text(), { error: 'must be a list of group names' }).default([]),
  tags,
});

const role = strict({
  trust: z.record(z.string(), z.unknown(), { error: 'must be a trust policy' }),
  policies,
  permissionsBoundary: policy.optional(),
  /** IAM's bounds and default of MaxSessionDuration. */
  maxSessionSeconds: z
    .number({ error: 'must be a whole number from 3600 to 43200' })
    .refine((seconds) => Number.isInteger(seconds) && seconds >= 3_600 && seconds <= 43_200, {
      error: 'must be a whole number from 3600 to 43200',
    })
    .default(3_600),
  tags,
});

const account = strict({
  organization: text()
    .regex(/^o-[a-z0-9]+$/, "must be 'o-' and letters and digits, as an organization's id is")
    .optional(),
  users: named(user, 'user'),
  groups: named(strict({ policies }), 'group'),
  roles: named(role, 'role'),
  root: strict({ accessKeys }).optional(),
});

/** The principals file. */
export const schema = strict({
  accounts: z
    .record(z.string(), account, { error: 'must map account ids to what is in them' })
    .superRefine(everyKey(/^\d{12}$/, 'an account id is 12 digits in quotes'))
    .default({}),
  /** Own managed policies. */
  policies: named(z.record(z.string(), z.unknown(), { error: 'must be a policy document' }), 'policy'),
});

export type PrincipalsFile = z.output<typeof schema>;
export type AccountEntry = PrincipalsFile['accounts'][string];
export type AccessKeyEntry = z.output<typeof accessKey>;
export type PolicyEntry = z.output<typeof policy>;

/** A map from names as IAM has them. */
function named<Entry extends z.ZodType>(entry: Entry, what: string) {
  return z
    .record(z.string(), entry, { error: `must map ${what} names to what they are` })
    .superRefine(everyKey(/^[\w+=,.@-]{1,64}$/, `a ${what}'s name has up to 64 letters, digits and +=,.@_-`))
    .default({});
}

function everyKey(pattern: RegExp, message: string) {
  return (entries: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => {
    const key = Object.keys(entries).find((candidate) => !pattern.test(candidate));
    if (key !== undefined) context.addIssue({ code: 'custom', path: [key], message });
  };
}

/** An object whose unknown keys are errors that name the nearest known one. */
function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'must be a map with: '.concat(known.join(', '));
      const [key = ''] = issue['keys'] as string[];
      return `unknown key '${key}'; did you mean '${nearestName(key, known)}'?`;
    },
  });
}
