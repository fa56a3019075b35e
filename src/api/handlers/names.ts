import type { DomainName } from '../../core/control/find.ts';
import type { PackageCoordinate, RepositoryName } from '../../core/coordinates.ts';
import { invalid } from '../../core/errors.ts';
import { namespaceRules } from '../../core/namespace-rules.ts';
import type { Call } from '../messages.ts';

interface DomainInput {
  readonly domain: string;
  readonly domainOwner?: string | undefined;
}

interface RepositoryInput extends DomainInput {
  readonly repository: string;
}

interface PackageInput {
  readonly format: string;
  readonly namespace?: string | undefined;
  readonly package: string;
}

/** The domain an input means: the caller's own without `domainOwner`, in the region that was asked. */
export function domainName({ request: { caller } }: Call, { domain, domainOwner }: DomainInput): DomainName {
  return { region: caller.region, owner: domainOwner ?? caller.account, domain };
}

export function repositoryName(call: Call, input: RepositoryInput): RepositoryName {
  return { ...domainName(call, input), repository: input.repository };
}

/** The coordinate an input names. Throws ValidationException when its format forbids or needs a namespace. */
export function coordinateOf(input: PackageInput): PackageCoordinate {
  const rule = namespaceRules[input.format];
  if (rule === 'forbidden' && input.namespace !== undefined) {
    throw invalid(`Packages of format ${input.format} have no namespace.`);
  }
  if (rule === 'required' && input.namespace === undefined) {
    throw invalid(`Packages of format ${input.format} need a namespace.`);
  }
  return { format: input.format, namespace: input.namespace ?? null, name: input.package };
}
