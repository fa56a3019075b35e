import type { PolicyHolder, Storage } from '../ports/storage.ts';
import { compilePolicy, type Policy } from './policy/policy.ts';
import type { Moment } from './present.ts';
import { WeightedCache } from './weighted-cache.ts';

/** The policies that speak on a resource besides the caller's own. */
export interface FoundPolicies {
  readonly policies: readonly Policy[];
  /** Account that administers the repository: its callers need no resource policy. */
  readonly administrator?: string;
}

/** The resource an action is about, as far as policies hang on it. */
export interface PolicedResource {
  readonly action: string;
  readonly owner: string;
  readonly domain?: string;
  readonly repository?: string;
}

const none: FoundPolicies = { policies: [] };

/** The policies that hang on domains and repositories, compiled once per document. */
export class ResourcePolicies {
  readonly #storage: Storage;
  /** By document: the same one hangs on many repositories, and outlives changes of everything else. */
  readonly #compiled = new WeightedCache<Policy>(1_000);

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /**
   * The policies of a resource's domain and repository at this moment; none for what does not exist.
   *
   * A policy does not speak on its own replacement: PutDomainPermissionsPolicy asks no resource policy, so that an owner
   * cannot lock itself out, PutRepositoryPermissionsPolicy asks the domain's alone. Source: AWS user guide, "Domain
   * policies"; reference, semantics 8.2.
   */
  async find(
    moment: Moment,
    region: string,
    { action, owner, domain, repository }: PolicedResource,
  ): Promise<FoundPolicies> {
    if (domain === undefined || action === 'codeartifact:PutDomainPermissionsPolicy') return none;
    const isOwnReplacement = action === 'codeartifact:PutRepositoryPermissionsPolicy';
    const key = `policies ${owner} ${region} ${domain} ${repository ?? ''} ${isOwnReplacement}`;
    return moment.recall(key, async () => {
      const found = await this.#storage.repositories.locate(owner, region, domain, repository ?? '');
      if (found === undefined) return { value: none };
      const holders: PolicyHolder[] = [{ kind: 'domain', id: found.domain.id }];
      if (found.repository !== undefined && !isOwnReplacement) {
        holders.push({ kind: 'repository', id: found.repository.id });
      }
      const policies: Policy[] = [];
      for (const holder of holders) {
        const policy = await this.#storage.policies.find(holder);
        if (policy !== undefined) policies.push(this.#compile(policy.document));
      }
      const administrator = found.repository?.administratorAccount;
      return { value: { policies, ...(administrator !== undefined && { administrator }) } };
    });
  }

  #compile(document: string): Policy {
    const known = this.#compiled.get(document);
    const policy = known ?? compilePolicy(document, 'resource');
    if (known === undefined) this.#compiled.set(document, policy);
    return policy;
  }
}
