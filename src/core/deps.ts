import type { Ports } from './core-ports.ts';
import type { Downloads } from './download.ts';
import type { Directory } from './identity/directory.ts';
import type { Sessions } from './identity/sessions.ts';
import type { PreparedCache } from './prepared.ts';
import type { Present } from './present.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RemoteAssets } from './remote-assets.ts';
import type { RemotePackages } from './remote-packages.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import type { TopologyCache } from './search-order.ts';
import type { SmallBlobs } from './small-blobs.ts';
import type { Tokens } from './tokens.ts';

/** The ports with what the core keeps in memory over them: every verb takes it first. */
export interface Deps extends Ports {
  readonly tokens: Tokens;
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly resourcePolicies: ResourcePolicies;
  readonly topologies: TopologyCache;
  readonly remotePackages: RemotePackages;
  readonly remoteAssets: RemoteAssets;
  readonly downloads: Downloads;
  readonly prepared: PreparedCache;
  readonly present: Present;
  readonly smallBlobs: SmallBlobs;
  /** Undefined where requests are not throttled. */
  readonly rateLimits?: RateLimits | undefined;
}
