import type { RepositoryPackage, Restrictions } from '../ports/storage.ts';
import { PackyardError } from './errors.ts';

/**
 * A package's restrictions at its first arrival in a repository, where its package group allows everything.
 * Source: AWS user guide, "Default package origin control settings". A first arrival by retention from an internal
 * upstream is not documented; it is taken like one from a public registry, so that later versions keep flowing.
 */
export const firstRestrictions = {
  published: { publish: 'ALLOW', upstream: 'BLOCK' },
  retained: { publish: 'BLOCK', upstream: 'ALLOW' },
} as const satisfies Record<string, Restrictions>;

/** Throws AccessDeniedException when the package's record in the repository blocks direct publishing. */
export function checkPublishAllowed(record: RepositoryPackage | undefined, displayName: string): void {
  if (record?.restrictions.publish !== 'BLOCK') return;
  throw new PackyardError(
    'AccessDeniedException',
    `Versions of '${displayName}' cannot be published to this repository: the package's origin configuration has ` +
      'publish=BLOCK. Change it with PutPackageOriginConfiguration.',
  );
}
