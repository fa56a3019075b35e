import type { Queries } from '../../ports/storage.ts';
import type { Caller } from '../caller.ts';
import type { Ports } from '../core-ports.ts';
import { domainNotFound, invalid, PackyardError, quotaExceeded } from '../errors.ts';
import type { Quotas } from '../quotas.ts';
import { type DomainName, findDomain, findRepository } from './find.ts';
import { findPackageGroup } from './find-package-group.ts';
import { parseResourceArn, resourceArn, type TaggedResource } from './resource-arn.ts';

export interface ResourceTag {
  readonly key: string;
  readonly value: string;
}

/** The tags of a resource. Throws ValidationException for an ARN that is not one, 404 for a resource that is missing. */
export async function listTags(ports: Ports, caller: Caller, arn: string): Promise<ResourceTag[]> {
  await findTagged(ports.storage, caller, arn);
  return ports.storage.resourceTags.list(arn);
}

/**
 * Sets tags; a key that is set gets the new value.
 *
 * Throws as `listTags`, ValidationException for reserved or repeated keys, quota exceeded above the number of tags a resource may have.
 */
export async function tagResource(
  ports: Ports,
  caller: Caller,
  arn: string,
  tags: readonly ResourceTag[],
): Promise<void> {
  checkTagKeys(tags);
  await ports.storage.transaction(async (queries) => {
    await holdTags(queries, parseResourceArn(arn));
    const resource = await findTagged(queries, caller, arn);
    const present = await queries.resourceTags.list(arn);
    for (const { key } of tags) checkTagSpelling(key, present);
    const keys = new Set([...present, ...tags].map(({ key }) => key));
    checkTagCount(keys.size, resource, ports.quotas);
    for (const { key, value } of tags) await queries.resourceTags.set(arn, key, value);
  });
}

/** Removes tags; keys that are not set are ignored (unverified). Throws as `listTags`. */
export async function untagResource(ports: Ports, caller: Caller, arn: string, keys: readonly string[]): Promise<void> {
  await ports.storage.transaction(async (queries) => {
    await holdTags(queries, parseResourceArn(arn));
    await findTagged(queries, caller, arn);
    await queries.resourceTags.delete(arn, keys);
  });
}

/** Tags a resource that is being created. Call it in the transaction that creates it. Throws as `tagResource`. */
export async function tagNewResource(
  queries: Queries,
  resource: TaggedResource,
  tags: readonly ResourceTag[],
  quotas: Quotas,
): Promise<void> {
  checkTagKeys(tags);
  checkTagCount(tags.length, resource, quotas);
  const arn = resourceArn(resource);
  for (const { key, value } of tags) await queries.resourceTags.set(arn, key, value);
}

/**
 * Makes changes of tags in a domain, and deletions of what carries them, take turns: nothing else ties a tag to its
 * resource, nor holds its number.
 */
export async function holdTags(queries: Queries, { owner, region, domain }: DomainName): Promise<void> {
  await queries.locks.hold(`tags in ${owner} ${region} ${domain}`);
}

function checkTagKeys(tags: readonly ResourceTag[]): void {
  const seen = new Set<string>();
  for (const { key } of tags) {
    if (key.toLowerCase().startsWith('aws:')) throw invalid(`Tag key '${key}' is reserved: it begins with 'aws:'.`);
    if (seen.has(key)) throw invalid(`Tag key '${key}' is given more than once.`);
    seen.add(key);
  }
}

/** A second key that policies take for the first would stand in its place when they look at the resource's tags. */
function checkTagSpelling(key: string, present: readonly ResourceTag[]): void {
  const other = present.find((tag) => tag.key !== key && tag.key.toLowerCase() === key.toLowerCase());
  if (other === undefined) return;
  throw invalid(
    `The resource has a tag '${other.key}', which differs from '${key}' in case only; policies do not tell them apart. ` +
      'Remove it first.',
  );
}

function checkTagCount(count: number, resource: TaggedResource, quotas: Quotas): void {
  if (count <= quotas.tagsPerResource) return;
  const message = `A resource can have at most ${quotas.tagsPerResource} tags.`;
  switch (resource.kind) {
    case 'domain':
      throw quotaExceeded(message, 'domain', resource.domain);
    case 'repository':
      throw quotaExceeded(message, 'repository', resource.repository);
    case 'package-group':
      // AWS has no resource type for groups in errors.
      throw new PackyardError('ServiceQuotaExceededException', message);
  }
}

/** A resource is looked for in the region that was asked: an ARN of another region names nothing there. */
async function findTagged(queries: Queries, caller: Caller, arn: string): Promise<TaggedResource> {
  const resource = parseResourceArn(arn);
  if (resource.region !== caller.region) throw domainNotFound(resource.domain, resource.owner);
  if (resource.kind === 'repository') await findRepository(queries, resource);
  else if (resource.kind === 'package-group') await findPackageGroup(queries, resource, resource.pattern);
  else await findDomain(queries, resource);
  return resource;
}
