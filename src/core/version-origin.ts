import type { Origin } from '../ports/storage.ts';

/** Equal for equal origins. Assets of different origins never stand together in one version. */
export function originKey({ type, repositoryName, externalConnectionName }: Origin): string {
  return `${type} ${repositoryName ?? ''} ${externalConnectionName ?? ''}`;
}

/** The origin of what comes through an external connection, as a key. */
export function registryOrigin(connection: string): string {
  return originKey({ type: 'EXTERNAL', repositoryName: null, externalConnectionName: connection });
}
