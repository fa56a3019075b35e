import { createHash } from 'node:crypto';
import type { PolicyHolder, Queries, ResourcePolicy } from '../../ports/storage.ts';
import { domainArn, repositoryArn } from '../arns.ts';
import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { conflict, invalid, PackyardError } from '../errors.ts';
import { compilePolicy, PolicyError } from '../policy/policy.ts';
import { type DomainName, findDomain, findRepository } from './find.ts';

/** What a policy hangs on: a domain, or one of its repositories. */
export type PolicedName = DomainName | RepositoryName;

/** A policy with what it hangs on. */
export interface AttachedPolicy extends ResourcePolicy {
  readonly resourceArn: string;
}

/** The policy of a domain or a repository. Throws 404 for either, and when there is none (reference, 2.22). */
export async function getPolicy(ports: Ports, name: PolicedName): Promise<AttachedPolicy> {
  const holder = await findHolder(ports.storage, name);
  const policy = await ports.storage.policies.find(holder);
  if (policy === undefined) throw noPolicy(name);
  return { ...policy, resourceArn: arnOf(name) };
}

/**
 * Replaces the policy of a domain or a repository as a whole.
 *
 * Throws ValidationException for a document that is no policy, ConflictException when `revision` is given and is not
 * the present one's, 404 for the domain or the repository.
 */
export async function putPolicy(
  ports: Ports,
  name: PolicedName,
  text: string,
  revision: string | undefined,
): Promise<AttachedPolicy> {
  const document = checkedDocument(text);
  return ports.storage.transaction(async (queries) => {
    const holder = await findHolder(queries, name);
    await checkRevision(queries, holder, name, revision);
    const policy = { document, revision: createHash('sha256').update(document).digest('base64') };
    await queries.policies.set(holder, policy);
    return { ...policy, resourceArn: arnOf(name) };
  });
}

/** Removes the policy and returns what it was. Throws as `putPolicy`, and 404 when there is none. */
export async function deletePolicy(
  ports: Ports,
  name: PolicedName,
  revision: string | undefined,
): Promise<AttachedPolicy> {
  return ports.storage.transaction(async (queries) => {
    const holder = await findHolder(queries, name);
    await checkRevision(queries, holder, name, revision);
    const policy = await queries.policies.find(holder);
    if (policy === undefined) throw noPolicy(name);
    await queries.policies.delete(holder);
    return { ...policy, resourceArn: arnOf(name) };
  });
}

/** The document as compact JSON, which is how AWS gives it back. */
function checkedDocument(text: string): string {
  try {
    compilePolicy(text, 'resource');
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    if (error instanceof PolicyError) throw invalid(`Invalid policy document: ${error.message}`);
    throw error;
  }
}

/** Held until the transaction ends, so that of two who change the same revision one comes too late. */
async function checkRevision(
  queries: Queries,
  holder: PolicyHolder,
  name: PolicedName,
  expected: string | undefined,
): Promise<void> {
  await queries.locks.hold(`policy of ${holder.kind} ${holder.id}`);
  const current = await queries.policies.find(holder);
  if (expected === undefined || expected === current?.revision) return;
  const now = current === undefined ? 'it has no policy now' : `the present one is '${current.revision}'`;
  throw conflict(
    `The policy of ${describe(name)} is no longer of revision '${expected}': ${now}. Read it again and repeat the change.`,
    holder.kind,
    'repository' in name ? name.repository : name.domain,
  );
}

async function findHolder(queries: Queries, name: PolicedName): Promise<PolicyHolder> {
  return 'repository' in name
    ? { kind: 'repository', id: (await findRepository(queries, name)).repository.id }
    : { kind: 'domain', id: (await findDomain(queries, name)).id };
}

function noPolicy(name: PolicedName): PackyardError {
  const resource =
    'repository' in name
      ? ({ resourceType: 'repository', resourceId: name.repository } as const)
      : ({ resourceType: 'domain', resourceId: name.domain } as const);
  return new PackyardError(
    'ResourceNotFoundException',
    `Policy not found. There is none on ${describe(name)}.`,
    resource,
  );
}

function describe(name: PolicedName): string {
  const domain = `domain '${name.domain}' owned by account '${name.owner}'`;
  return 'repository' in name ? `repository '${name.repository}' in ${domain}` : domain;
}

function arnOf(name: PolicedName): string {
  return 'repository' in name ? repositoryArn(name) : domainArn(name);
}
