import { domainArn, packageArn, repositoryArn } from '../core/arns.ts';
import type { Access } from '../core/authorize.ts';
import type { Caller } from '../core/caller.ts';
import { normalizeCoordinate } from '../core/control/find.ts';
import { packageGroupArn, parseResourceArn } from '../core/control/resource-arn.ts';
import type { Ports } from '../core/core-ports.ts';
import type { Operation } from './operations.ts';
import type { ParsedInput } from './parse.ts';

/**
 * Everything a caller must be allowed for an operation: the operation's own action on its resource, and the further
 * actions that IAM wants (reference, section 5). Without `domainOwner` the caller's own account is meant.
 *
 * Throws ValidationException for a resource ARN that is not one.
 */
export function accessesOf(
  ports: Pick<Ports, 'formats'>,
  operation: Operation,
  caller: Caller,
  input: ParsedInput,
): Access[] {
  const domain = {
    region: caller.region,
    owner: text(input['domainOwner']) ?? caller.account,
    domain: text(input['domain']) ?? '',
  };
  const repository = { ...domain, repository: text(input['repository']) ?? text(input['destinationRepository']) ?? '' };
  const own = (resource: string, owner = domain.owner): Access => ({ action: operation.name, resource, owner });
  const tagging = Array.isArray(input['tags']) && input['tags'].length > 0;
  switch (operation.resource) {
    case 'none':
      return [own('*', caller.account)];
    case 'domain':
      return withTagging([own(domainArn(domain))], tagging);
    case 'repository':
      return withTagging([own(repositoryArn(repository)), ...upstreamAccesses(domain, input)], tagging);
    case 'package':
      return [own(packageArn(repository, coordinateOf(ports, input))), ...sourceAccesses(domain, input)];
    case 'package-group':
      // GetAssociatedPackageGroup names no group: it is asked of the root group, which every package belongs under.
      return withTagging([own(packageGroupArn(domain, text(input['packageGroup']) ?? '/*'))], tagging);
    case 'arn': {
      const arn = text(input['resourceArn']) ?? '';
      return [own(arn, parseResourceArn(arn).owner)];
    }
  }
}

interface DomainName {
  readonly region: string;
  readonly owner: string;
  readonly domain: string;
}

/** Tags at creation need the right to tag what is created. */
function withTagging(accesses: Access[], tagging: boolean): Access[] {
  const [first] = accesses;
  return tagging && first !== undefined ? [...accesses, { ...first, action: 'TagResource' }] : accesses;
}

/** To become a repository's downstream needs a right on the upstream. */
function upstreamAccesses(domain: DomainName, input: ParsedInput): Access[] {
  if (!Array.isArray(input['upstreams'])) return [];
  return input['upstreams'].map((upstream: { readonly repositoryName: string }) => ({
    action: 'AssociateWithDownstreamRepository',
    resource: repositoryArn({ ...domain, repository: upstream.repositoryName }),
    owner: domain.owner,
  }));
}

/** A copy reads its source as a package manager would. */
function sourceAccesses(domain: DomainName, input: ParsedInput): Access[] {
  const repository = text(input['sourceRepository']);
  if (repository === undefined) return [];
  return [{ action: 'ReadFromRepository', resource: repositoryArn({ ...domain, repository }), owner: domain.owner }];
}

function coordinateOf(ports: Pick<Ports, 'formats'>, input: ParsedInput) {
  return normalizeCoordinate(ports, {
    format: text(input['format']) ?? '',
    namespace: text(input['namespace']) ?? null,
    name: text(input['package']) ?? '',
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
