import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { MavenCoordinate } from './paths.ts';

export type Artifact = Pick<MavenCoordinate, 'groupId' | 'artifactId'>;

/** An artifact as a package. Names are kept as they are written: Maven's are case-sensitive. */
export function packageOf({ groupId, artifactId }: Artifact): PackageCoordinate {
  return { format: 'maven', namespace: groupId, name: artifactId };
}

/** A package as an artifact. */
export function artifactOf({ namespace, name }: PackageCoordinate): Artifact {
  return { groupId: namespace ?? '', artifactId: name };
}
