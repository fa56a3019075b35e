import type { Identity } from '../../core/caller.ts';
import type { Role, SigningKey, Standing } from '../../core/identity/directory.ts';
import { roleArn, rootArn, userArn } from '../../core/identity/iam-arns.ts';
import { userIdOf } from '../../core/identity/user-id.ts';
import type { Bound } from '../../core/policy/decide.ts';
import { compilePolicy, type Policy, PolicyError } from '../../core/policy/policy.ts';
import { nearestName } from '../../nearest-name.ts';
import { managedPolicies } from './managed-policies.ts';
import { type Path, PlacedError } from './place.ts';
import type { Environment } from './read.ts';
import type { AccessKeyEntry, AccountEntry, PolicyEntry, PrincipalsFile } from './schema.ts';

/** What a principals file says, ready to be asked. */
export interface Principals {
  readonly keys: ReadonlyMap<string, SigningKey>;
  /** By the ARN of the user, the role or the root. */
  readonly standings: ReadonlyMap<string, Standing>;
  readonly roles: ReadonlyMap<string, Role>;
}

/** Compiles everything in the file. Throws PlacedError for what is well formed and still cannot be used. */
export function principalsOf(file: PrincipalsFile, environment: Environment): Principals {
  const builder = new Builder(file, environment);
  for (const [id, account] of Object.entries(file.accounts)) builder.addAccount(id, account);
  return builder;
}

class Builder implements Principals {
  readonly keys = new Map<string, SigningKey>();
  readonly standings = new Map<string, Standing>();
  readonly roles = new Map<string, Role>();
  readonly #managed = new Map<string, Policy>();
  readonly #environment: Environment;

  constructor({ policies }: PrincipalsFile, environment: Environment) {
    this.#environment = environment;
    for (const [name, document] of Object.entries(managedPolicies)) {
      this.#managed.set(name, compilePolicy(document, 'identity'));
    }
    for (const [name, document] of Object.entries(policies)) {
      const path = ['policies', name];
      if (this.#managed.has(name)) throw new PlacedError(path, 'AWS has a policy of this name; choose another');
      this.#managed.set(name, compiled(document, path));
    }
  }

  addAccount(id: string, account: AccountEntry): void {
    const path = ['accounts', id];
    for (const name of Object.keys(account.users)) this.#addUser(id, account, name, path);
    for (const name of Object.keys(account.roles)) this.#addRole(id, account, name, path);
    if (account.root === undefined) return;
    const arn = rootArn(id);
    this.#addKeys(id, arn, account.root.accessKeys, [...path, 'root']);
    this.#addStanding(arn, account, [this.#policy('AdministratorAccess', path)], [], {}, 'Account');
  }

  #addUser(id: string, account: AccountEntry, name: string, accountPath: Path): void {
    const user = account.users[name];
    if (user === undefined) return;
    const path = [...accountPath, 'users', name];
    const arn = userArn(id, name);
    const ofGroups = user.groups.flatMap((group, index) => {
      const entry = Object.hasOwn(account.groups, group) ? account.groups[group] : undefined;
      if (entry === undefined)
        throw unknown(`group '${group}'`, group, Object.keys(account.groups), [...path, 'groups', index]);
      return this.#policies(entry.policies, [...accountPath, 'groups', group]);
    });
    this.#addKeys(id, arn, user.accessKeys, path);
    const identity = [...this.#policies(user.policies, path), ...ofGroups];
    this.#addStanding(arn, account, identity, this.#boundary(user.permissionsBoundary, path), user.tags, 'User');
  }

  #addRole(id: string, account: AccountEntry, name: string, accountPath: Path): void {
    const role = account.roles[name];
    if (role === undefined) return;
    const path = [...accountPath, 'roles', name];
    const arn = roleArn(id, name);
    const trust = compiled(role.trust, [...path, 'trust'], true);
    this.roles.set(arn, { trust, maxSessionSeconds: role.maxSessionSeconds });
    const identity = this.#policies(role.policies, path);
    this.#addStanding(arn, account, identity, this.#boundary(role.permissionsBoundary, path), role.tags, 'AssumedRole');
  }

  #addStanding(
    arn: string,
    { organization }: AccountEntry,
    identity: readonly Policy[],
    bounds: readonly Bound[],
    tags: Standing['tags'],
    principalType: Standing['principalType'],
  ): void {
    const standing = { identity, bounds, tags, principalType };
    this.standings.set(arn, organization === undefined ? standing : { ...standing, organization });
  }

  #addKeys(account: string, principal: string, entries: readonly AccessKeyEntry[], ownerPath: Path): void {
    for (const [index, entry] of entries.entries()) {
      const path = [...ownerPath, 'accessKeys', index];
      const other = this.keys.get(entry.id);
      if (other !== undefined) {
        throw new PlacedError(
          path,
          `access key id '${entry.id}' is already that of ${other.caller.principal}; choose another`,
        );
      }
      const caller: Identity = {
        account,
        accessKeyId: entry.id,
        principal,
        userId: userIdOf({ account, principal }),
        tags: {},
      };
      this.keys.set(entry.id, { secret: this.#secret(entry, path), caller });
    }
  }

  #secret({ secret, secretEnv = '' }: AccessKeyEntry, path: Path): string {
    const found = secret ?? this.#environment[secretEnv];
    if (found !== undefined && found !== '') return found;
    throw new PlacedError(
      [...path, 'secretEnv'],
      `the environment variable ${secretEnv} is not set; put the secret there`,
    );
  }

  #policies(entries: readonly PolicyEntry[], ownerPath: Path): readonly Policy[] {
    return entries.map((entry, index) => this.#policy(entry, [...ownerPath, 'policies', index]));
  }

  #boundary(entry: PolicyEntry | undefined, ownerPath: Path): readonly Bound[] {
    if (entry === undefined) return [];
    const policy = this.#policy(entry, [...ownerPath, 'permissionsBoundary']);
    return [{ policy, kind: 'permissions boundary' }];
  }

  /** A managed policy by its name, or by AWS's ARN of it. */
  #policy(entry: PolicyEntry, path: Path): Policy {
    if (typeof entry !== 'string') return compiled(entry, path);
    const name = entry.replace(/^arn:aws:iam::(?:aws|\d{12}):policy\//, '');
    const policy = this.#managed.get(name);
    if (policy === undefined) throw unknown(`policy '${entry}'`, name, [...this.#managed.keys()], path);
    return policy;
  }
}

function compiled(document: object, path: Path, isTrust = false): Policy {
  try {
    return compilePolicy(document, isTrust ? 'resource' : 'identity', { isTrust });
  } catch (error) {
    if (error instanceof PolicyError) throw new PlacedError(path, error.message);
    throw error;
  }
}

function unknown(what: string, name: string, known: readonly string[], path: Path): PlacedError {
  const nearest = nearestName(name, known);
  return new PlacedError(path, `there is no ${what}${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`);
}
