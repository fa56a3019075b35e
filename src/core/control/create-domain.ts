import type { Domain } from '../../ports/storage.ts';
import type { Caller } from '../caller.ts';
import type { Ports } from '../core-ports.ts';
import { conflict, quotaExceeded } from '../errors.ts';
import { rootGroup } from '../package-groups/root-group.ts';
import { encryptionKeyArn } from './encryption-key.ts';
import { type ResourceTag, tagNewResource } from './tags.ts';

export interface NewDomain {
  readonly name: string;
  /** Key id, key ARN, alias or alias ARN; the AWS managed key when absent. */
  readonly encryptionKey?: string | undefined;
  readonly tags?: readonly ResourceTag[] | undefined;
}

/**
 * Creates a domain owned by the caller's account in the caller's region, with its root package group and its tags.
 *
 * Throws ConflictException when the account has one of that name, quota exceeded when it has as many as it may,
 * ValidationException for a key that cannot be one and for tags against the rules.
 */
export async function createDomain(ports: Ports, caller: Caller, input: NewDomain): Promise<Domain> {
  const { account: owner, region } = caller;
  const { name } = input;
  const domain: Domain = {
    id: ports.ids.next(),
    owner,
    region,
    name,
    encryptionKey: encryptionKeyArn(region, owner, input.encryptionKey),
    createdAt: ports.clock.now(),
    topologyRevision: 0,
  };
  await ports.storage.transaction(async (queries) => {
    await queries.locks.hold(`domains of ${owner} in ${region}`);
    const count = await queries.domains.count(owner, region);
    if (!(await queries.domains.insert(domain))) {
      throw conflict(`Domain '${name}' owned by account '${owner}' already exists.`, 'domain', name);
    }
    if (count >= ports.quotas.domainsPerAccount) {
      throw quotaExceeded(
        `Account '${owner}' has ${count} domains in ${region}; the quota is ${ports.quotas.domainsPerAccount}.`,
        'domain',
        name,
      );
    }
    await queries.packageGroups.insert(rootGroup(domain));
    await tagNewResource(queries, { kind: 'domain', region, owner, domain: name }, input.tags ?? [], ports.quotas);
  });
  return domain;
}
