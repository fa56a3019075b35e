import type { Domain } from '../../ports/storage.ts';
import { domainArn } from '../arns.ts';
import type { Ports } from '../core-ports.ts';
import { conflict } from '../errors.ts';
import type { DomainName } from './find.ts';
import { packageGroupArn } from './resource-arn.ts';
import { holdTags } from './tags.ts';

/**
 * Deletes an empty domain with its package groups, and the tags of both. A domain that does not exist is no error:
 * AWS's operation declares no 404 (reference, 2.6); then the result is undefined.
 *
 * Throws ConflictException while the domain has repositories.
 */
export async function deleteDomain(ports: Ports, name: DomainName): Promise<Domain | undefined> {
  return ports.storage.transaction(async (queries) => {
    const domain = await queries.domains.find(name.owner, name.region, name.domain);
    if (domain === undefined) return undefined;
    await queries.repositories.touchTopology(domain.id);
    if ((await queries.domains.repositoryCount(domain.id)) > 0) {
      throw conflict('Domain must contain 0 repositories before deletion', 'domain', name.domain);
    }
    await holdTags(queries, name);
    await queries.resourceTags.deleteAll(domainArn(name));
    const { groups } = await queries.packageGroups.all(domain.id);
    for (const { pattern } of groups) await queries.resourceTags.deleteAll(packageGroupArn(name, pattern));
    await queries.domains.delete(domain.id);
    return domain;
  });
}
