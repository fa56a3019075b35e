import type { Domain, PackageGroup } from '../../ports/storage.ts';
import { rootPattern } from './tree.ts';

/** The group that every domain has from its beginning: it matches all packages and restricts none. */
export function rootGroup({ id, createdAt }: Domain): PackageGroup {
  return {
    id,
    domainId: id,
    pattern: rootPattern,
    contactInfo: null,
    description: null,
    createdAt,
    modes: { PUBLISH: 'ALLOW', EXTERNAL_UPSTREAM: 'ALLOW', INTERNAL_UPSTREAM: 'ALLOW' },
  };
}
