import type { Queries } from '../../ports/storage.ts';
import { domainArn, repositoryArn } from '../arns.ts';
import type { Caller } from '../caller.ts';
import type { Ports } from '../core-ports.ts';
import { domainNotFound, invalid, PackyardError, quotaExceeded, type ResourceType } from '../errors.ts';
import { limits } from '../quotas.ts';
import { type DomainName, findDomain, findRepository } from './find.ts';
import { parseResourceArn, type TaggedResource } from './resource-arn.ts';

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
 * Throws as `listTags`, ValidationException for reserved or repeated keys, quota exceeded above 50 tags.
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
    const keys = new Set([...present, ...tags].map(({ key }) => key));
    checkTagCount(keys.size, resource);
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
  resource: Exclude<TaggedResource, { kind: 'package-group' }>,
  tags: readonly ResourceTag[],
): Promise<void> {
  checkTagKeys(tags);
  checkTagCount(tags.length, resource);
  const arn = resource.kind === 'domain' ? domainArn(resource) : repositoryArn(resource);
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

function checkTagCount(count: number, resource: TaggedResource): void {
  if (count <= limits.tagsPerResource) return;
  const type: ResourceType = resource.kind === 'repository' ? 'repository' : 'domain';
  throw quotaExceeded(
    `A resource can have at most ${limits.tagsPerResource} tags.`,
    type,
    resource.kind === 'repository' ? resource.repository : resource.domain,
  );
}

/** A resource is looked for in the region that was asked: an ARN of another region names nothing there. */
async function findTagged(queries: Queries, caller: Caller, arn: string): Promise<TaggedResource> {
  const resource = parseResourceArn(arn);
  if (resource.region !== caller.region) throw domainNotFound(resource.domain, resource.owner);
  if (resource.kind === 'repository') {
    await findRepository(queries, resource);
    return resource;
  }
  await findDomain(queries, resource);
  // Package groups come with a later issue; AWS has no resource type for them in errors.
  if (resource.kind === 'package-group') {
    throw new PackyardError(
      'ResourceNotFoundException',
      `Package group not found. Package group '${resource.pattern}' in domain '${resource.domain}' does not exist.`,
    );
  }
  return resource;
}
