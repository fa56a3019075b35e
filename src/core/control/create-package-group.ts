import type { PackageGroup } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';
import { PackyardError } from '../errors.ts';
import { checkPattern } from '../package-groups/pattern.ts';
import { storedDescription } from './create-repository.ts';
import { type DomainName, findDomain } from './find.ts';
import { detailsOf, type PackageGroupDetails, readGroupTree } from './package-group-details.ts';
import { type ResourceTag, tagNewResource } from './tags.ts';

export interface NewPackageGroup {
  readonly contactInfo?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly ResourceTag[] | undefined;
}

/**
 * Creates a package group that inherits everything, with its tags. Packages and groups that its pattern matches are
 * its own from the same moment on.
 *
 * Throws ValidationException for a pattern or tags against the rules, 404 for the domain, ConflictException for a
 * pattern that is taken, the root group's included.
 */
export async function createPackageGroup(
  ports: Ports,
  name: DomainName,
  pattern: string,
  { contactInfo, description, tags = [] }: NewPackageGroup,
): Promise<PackageGroupDetails> {
  checkPattern(ports, pattern);
  const id = ports.ids.next();
  const createdAt = ports.clock.now();
  return ports.storage.transaction(async (queries) => {
    const domain = await findDomain(queries, name);
    await queries.repositories.touchTopology(domain.id);
    const group: PackageGroup = {
      id,
      domainId: domain.id,
      pattern,
      contactInfo: storedDescription(contactInfo),
      description: storedDescription(description),
      createdAt,
      modes: { PUBLISH: 'INHERIT', EXTERNAL_UPSTREAM: 'INHERIT', INTERNAL_UPSTREAM: 'INHERIT' },
    };
    if (!(await queries.packageGroups.insert(group))) throw packageGroupExists(pattern, name);
    await tagNewResource(queries, { kind: 'package-group', ...name, pattern }, tags, ports.quotas);
    return detailsOf(await readGroupTree(queries, domain.id), domain, group);
  });
}

function packageGroupExists(pattern: string, { domain, owner }: DomainName): PackyardError {
  return new PackyardError(
    'ConflictException',
    `Package group '${pattern}' in domain '${domain}' owned by account '${owner}' already exists.`,
  );
}
