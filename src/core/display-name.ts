import type { PackageCoordinate } from './coordinates.ts';
import type { Ports } from './core-ports.ts';

/** A package's name as its format's users write it; the bare name when the format's rules are not known here. */
export function displayNameOf({ formats }: Pick<Ports, 'formats'>, coordinate: PackageCoordinate): string {
  return formats.get(coordinate.format)?.displayName(coordinate) ?? coordinate.name;
}
