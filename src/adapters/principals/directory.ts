import { readFileSync, statSync } from 'node:fs';
import type { Log } from '../../core/core-ports.ts';
import type { Directory } from '../../core/identity/directory.ts';
import { SessionPolicies } from '../../core/identity/session-policies.ts';
import type { Clock } from '../../ports/clock.ts';
import { PrincipalsError } from './place.ts';
import type { Principals } from './principals.ts';
import { type Environment, readPrincipals } from './read.ts';

export { PrincipalsError } from './place.ts';

/** How long a change of the file may stay unseen. */
const lookAgainMs = 1_000;

export interface PrincipalsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** For secrets that the file does not hold itself. */
  readonly environment: Environment;
}

/**
 * The directory that a principals file is. The file is read now and again when it has changed, which is looked at when
 * the directory is asked; a version that cannot be used is logged once and the one before stays.
 *
 * Throws PrincipalsError when the file cannot be used now.
 */
export function principalsDirectory(file: string, { clock, log, environment }: PrincipalsDeps): Directory {
  const sessionPolicies = new SessionPolicies();
  let stamp = stampOf(file);
  let principals = read(file, environment);
  let lookedAt = clock.now();

  const current = (): Principals => {
    const now = clock.now();
    // A clock that was set back must not hide changes.
    if (Math.abs(now - lookedAt) < lookAgainMs) return principals;
    lookedAt = now;
    // The stamp comes first: what is written while the file is read is seen the next time.
    const found = stampOf(file);
    if (found === stamp) return principals;
    stamp = found;
    try {
      principals = read(file, environment);
      log.info({ file }, 'the principals file has changed and was read again');
    } catch (error) {
      if (!(error instanceof PrincipalsError)) throw error;
      log.error({ file, problem: error.message }, 'the principals file cannot be used; its last good version stays');
    }
    return principals;
  };

  return {
    findKey: (accessKeyId) => current().keys.get(accessKeyId),
    findRole: (roleArn) => current().roles.get(roleArn),
    standing(caller) {
      const standing = current().standings.get(caller.roleArn ?? caller.principal);
      if (standing === undefined) return undefined;
      const own = sessionPolicies.bounds(caller);
      if (own.length === 0 && Object.keys(caller.tags).length === 0) return standing;
      return { ...standing, bounds: [...standing.bounds, ...own], tags: withTags(standing.tags, caller.tags) };
    },
  };
}

/** A session's tag takes the place of the role's of the same key, whose case does not count. */
function withTags(
  own: Readonly<Record<string, string>>,
  session: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = new Set(Object.keys(session).map((name) => name.toLowerCase()));
  const kept = Object.entries(own).filter(([name]) => !names.has(name.toLowerCase()));
  return Object.fromEntries([...kept, ...Object.entries(session)]);
}

function read(file: string, environment: Environment): Principals {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PrincipalsError(`${file}: the principals file cannot be read (${code}); check path and permissions`);
  }
  return readPrincipals(file, text, environment);
}

/** Changes whenever the file is written or replaced. */
function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'missing';
  }
}
