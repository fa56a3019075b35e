import { domainArn, repositoryArn } from '../arns.ts';
import { invalid } from '../errors.ts';
import type { DomainName } from './find.ts';

/** A resource that carries tags, as its ARN names it. */
export type TaggedResource =
  | ({ readonly kind: 'domain' } & DomainName)
  | ({ readonly kind: 'repository'; readonly repository: string } & DomainName)
  | ({ readonly kind: 'package-group'; readonly pattern: string } & DomainName);

const arnPattern = /^arn:aws:codeartifact:([a-z0-9-]+):([0-9]{12}):(domain|repository|package-group)\/(.+)$/;

/**
 * Reads the ARN of a domain, a repository or a package group.
 *
 * Throws ValidationException for anything else, package ARNs included: packages carry no tags (reference, 2.38;
 * unverified).
 */
export function parseResourceArn(arn: string): TaggedResource {
  const [, region, owner, kind, path] = arnPattern.exec(arn) ?? [];
  if (region === undefined || owner === undefined || path === undefined) throw notTaggable(arn);
  const slash = path.indexOf('/');
  const domain = slash === -1 ? path : path.slice(0, slash);
  const rest = slash === -1 ? '' : path.slice(slash + 1);
  if (kind === 'domain' && slash === -1) return { kind, region, owner, domain };
  if (kind === 'repository' && rest !== '' && !rest.includes('/')) {
    return { kind, region, owner, domain, repository: rest };
  }
  if (kind === 'package-group' && rest !== '') {
    const group = { kind, region, owner, domain, pattern: `/${decodePattern(rest)}` } as const;
    // Tags are kept by ARN: another spelling of it would be another resource.
    if (resourceArn(group) === arn) return group;
  }
  throw notTaggable(arn);
}

/** The ARN that names a resource. */
export function resourceArn(resource: TaggedResource): string {
  switch (resource.kind) {
    case 'domain':
      return domainArn(resource);
    case 'repository':
      return repositoryArn(resource);
    case 'package-group':
      return packageGroupArn(resource, resource.pattern);
  }
}

/** The pattern's own leading slash separates it from the domain; only `*`, `$` and `%` are encoded. Source: user guide. */
export function packageGroupArn({ region, owner, domain }: DomainName, pattern: string): string {
  const encoded = pattern.replaceAll('%', '%25').replaceAll('*', '%2a').replaceAll('$', '%24');
  return `arn:aws:codeartifact:${region}:${owner}:package-group/${domain}${encoded}`;
}

function decodePattern(encoded: string): string {
  return encoded.replaceAll('%24', '$').replaceAll('%2a', '*').replaceAll('%25', '%');
}

function notTaggable(arn: string) {
  return invalid(`'${arn}' is not the ARN of a domain, a repository or a package group.`);
}
