import type { PlacedEvent } from '../../ports/storage.ts';

/**
 * An event as the outside sees it, JSON text on one line: EventBridge's envelope, with the place in the order of
 * Packyard's events as one more member. Source: AWS user guide, "CodeArtifact event format and example". EventBridge
 * puts the receiver's account in; here it is always the domain owner's, so that all receivers read the same bytes.
 */
export function eventEnvelope({ id, owner, at, region, resource, detail, position }: PlacedEvent): string {
  const head = JSON.stringify({
    version: '0',
    id,
    'detail-type': 'CodeArtifact Package Version State Change',
    source: 'aws.codeartifact',
    account: owner,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region,
    resources: [resource],
  });
  // The detail is JSON text already.
  return `${head.slice(0, -1)},"detail":${detail},"position":${position}}`;
}
