import type { Queries } from '../../ports/storage.ts';
import { blobReferenceQueries } from './blob-references.ts';
import { domainQueries } from './domains.ts';
import { eventQueries } from './events.ts';
import { leaseQueries } from './leases.ts';
import { lockQueries } from './locks.ts';
import { packageGroupQueries } from './package-groups.ts';
import { packageQueries } from './packages.ts';
import { policyQueries } from './policies.ts';
import { preparedQueries } from './prepared.ts';
import { repositoryQueries } from './repositories.ts';
import { resourceTagQueries } from './resource-tags.ts';
import type { Database } from './schema.ts';
import { settingQueries } from './settings.ts';
import { tagQueries } from './tags.ts';
import { upstreamMetadataQueries } from './upstream-metadata.ts';
import { versionQueries } from './versions.ts';

/** All queries of the storage port over a database or one of its transactions. */
export function queries(db: Database): Queries {
  return {
    domains: domainQueries(db),
    repositories: repositoryQueries(db),
    packages: packageQueries(db),
    versions: versionQueries(db),
    tags: tagQueries(db),
    resourceTags: resourceTagQueries(db),
    packageGroups: packageGroupQueries(db),
    policies: policyQueries(db),
    events: eventQueries(db),
    prepared: preparedQueries(db),
    upstreamMetadata: upstreamMetadataQueries(db),
    settings: settingQueries(db),
    blobReferences: blobReferenceQueries(db),
    leases: leaseQueries(db),
    locks: lockQueries(db),
  };
}
