import { domainHandlers } from './domains.ts';
import { packageGroupListHandlers } from './package-group-lists.ts';
import { packageGroupHandlers } from './package-groups.ts';
import { packageVersionListHandlers } from './package-version-lists.ts';
import { packageVersionHandlers } from './package-versions.ts';
import { packageHandlers } from './packages.ts';
import { policyHandlers } from './policies.ts';
import { repositoryHandlers } from './repositories.ts';
import { repositoryListHandlers } from './repository-lists.ts';
import { tagHandlers } from './tags.ts';
import { tokenHandlers } from './tokens.ts';
import type { Handler } from './types.ts';
import { versionBatchHandlers } from './version-batches.ts';

const byName = {
  ...domainHandlers,
  ...repositoryHandlers,
  ...repositoryListHandlers,
  ...packageHandlers,
  ...packageVersionHandlers,
  ...packageVersionListHandlers,
  ...versionBatchHandlers,
  ...policyHandlers,
  ...packageGroupHandlers,
  ...packageGroupListHandlers,
  ...tagHandlers,
  ...tokenHandlers,
};

/**
 * The handlers, by operation. Each takes AWS's own type of its input: that the parser hands it just that follows from
 * the operation table, which the type system does not see.
 */
export const handlers: ReadonlyMap<string, Handler> = new Map(Object.entries(byName) as [string, Handler][]);
