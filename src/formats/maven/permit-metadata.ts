import type { PackageCoordinate } from '../../core/coordinates.ts';
import { PackyardError } from '../../core/errors.ts';
import type { Exchange } from '../exchange.ts';

/** Asks for what it takes to put the metadata of a package. Throws AccessDeniedException. */
export async function permitMetadata(exchange: Exchange, coordinate: PackageCoordinate): Promise<void> {
  await exchange.authorize('PublishPackageVersion', coordinate);
  await exchange.authorize('PutPackageMetadata', coordinate);
}

/** The AccessDeniedException that an asking ends in; undefined when it is permitted. Throws every other error. */
export async function refusalOf(asking: Promise<void>): Promise<PackyardError | undefined> {
  try {
    await asking;
    return undefined;
  } catch (error) {
    if (error instanceof PackyardError && error.code === 'AccessDeniedException') return error;
    throw error;
  }
}
