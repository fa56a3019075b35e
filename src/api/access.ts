import { domainArn, packageArn, repositoryArn } from '../core/arns.ts';
import type { Access } from '../core/authorize.ts';
import type { Caller } from '../core/caller.ts';
import { type DomainName, normalizeCoordinate } from '../core/control/find.ts';
import { packageGroupArn, parseResourceArn } from '../core/control/resource-arn.ts';
import type { Ports } from '../core/core-ports.ts';
import { invalid } from '../core/errors.ts';
import type { Operation } from './operations.ts';
import type { ParsedInput } from './parse.ts';

/**
 * Everything a caller must be allowed for an operation: the operation's own action on its resource, and the further
 * actions that IAM wants (reference, section 5). Without `domainOwner` the caller's own account is meant.
 *
 * Throws ValidationException for a resource ARN that is not one, and for tags whose keys differ in case only.
 */
export function accessesOf(
  ports: Pick<Ports, 'formats'>,
  operation: Operation,
  caller: Caller,
  input: ParsedInput,
): Access[] {
  const at = {
    region: caller.region,
    owner: text(input['domainOwner']) ?? caller.account,
    domain: text(input['domain']) ?? '',
  };
  checkTagKeys(input);
  const own = ownAccess(ports, operation, caller, at, input);
  return [
    own,
    ...tagging(own, input),
    ...upstreams(at, input),
    ...copySource(at, input),
    ...bearerToken(operation, caller),
  ];
}

function ownAccess(
  ports: Pick<Ports, 'formats'>,
  operation: Operation,
  caller: Caller,
  at: DomainName,
  input: ParsedInput,
): Access {
  const action = `codeartifact:${operation.name}`;
  const { owner, domain } = at;
  const repository = text(input['repository']) ?? text(input['destinationRepository']) ?? '';
  switch (operation.resource) {
    case 'none':
      return { action, resource: '*', owner: caller.account };
    case 'domain': {
      const access = { action, resource: domainArn(at), owner, tagged: domainArn(at) };
      // A policy speaks on what is there, not on the making of another of its name.
      return operation.name === 'CreateDomain' ? access : { ...access, domain };
    }
    case 'repository': {
      const access = onRepository(action, at, repository);
      if (operation.name !== 'CreateRepository') return access;
      // It is the domain's policy that speaks on new repositories. Source: reference, semantics 8.2.
      const { repository: _, ...inDomain } = access;
      return inDomain;
    }
    case 'package':
      // Packages carry no tags.
      return {
        action,
        resource: packageArn({ ...at, repository }, coordinateOf(ports, input)),
        owner,
        domain,
        repository,
        // A copy is about the destination's package and the repository. Source: reference, section 5.
        ...(operation.name === 'CopyPackageVersions' && { also: onRepository(action, at, repository) }),
      };
    case 'package-group': {
      // GetAssociatedPackageGroup names no group: it is asked of the root group, which every package belongs under.
      const arn = packageGroupArn(at, text(input['packageGroup']) ?? '/*');
      return { action, resource: arn, owner, domain, tagged: arn };
    }
    case 'arn':
      return onTaggedResource(action, text(input['resourceArn']) ?? '');
  }
}

function onRepository(action: string, at: DomainName, repository: string): Access {
  const arn = repositoryArn({ ...at, repository });
  return { action, resource: arn, owner: at.owner, domain: at.domain, repository, tagged: arn };
}

function onTaggedResource(action: string, arn: string): Access {
  const resource = parseResourceArn(arn);
  const { owner, domain } = resource;
  const repository = resource.kind === 'repository' ? { repository: resource.repository } : {};
  return { action, resource: arn, owner, domain, ...repository, tagged: arn };
}

/**
 * Conditions on tags do not tell keys apart by case (AWS, aws:RequestTag): of two such keys one would be judged and both
 * be set.
 */
function checkTagKeys({ tags }: ParsedInput): void {
  const seen = new Map<string, string>();
  for (const { key } of Array.isArray(tags) ? (tags as { readonly key: string }[]) : []) {
    const other = seen.get(key.toLowerCase());
    if (other !== undefined && other !== key) {
      throw invalid(
        `Tag keys '${other}' and '${key}' differ in case only, which policies do not tell apart. Drop one.`,
      );
    }
    seen.set(key.toLowerCase(), key);
  }
}

/** Tags at creation need the right to tag what is created. */
function tagging(own: Access, input: ParsedInput): Access[] {
  const isTagged = Array.isArray(input['tags']) && input['tags'].length > 0 && own.action !== tagAction;
  return isTagged ? [{ ...own, action: tagAction }] : [];
}

const tagAction = 'codeartifact:TagResource';

/** To become a repository's downstream needs a right on the upstream. */
function upstreams(at: DomainName, input: ParsedInput): Access[] {
  if (!Array.isArray(input['upstreams'])) return [];
  return input['upstreams'].map((upstream: { readonly repositoryName: string }) =>
    onRepository('codeartifact:AssociateWithDownstreamRepository', at, upstream.repositoryName),
  );
}

/** A copy reads its source as a package manager would. */
function copySource(at: DomainName, input: ParsedInput): Access[] {
  const repository = text(input['sourceRepository']);
  return repository === undefined ? [] : [onRepository('codeartifact:ReadFromRepository', at, repository)];
}

/** A token needs a right of the caller's own beside that on the domain. */
function bearerToken(operation: Operation, caller: Caller): Access[] {
  if (operation.name !== 'GetAuthorizationToken') return [];
  return [{ action: 'sts:GetServiceBearerToken', resource: '*', owner: caller.account }];
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
