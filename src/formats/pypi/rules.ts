import type { PackageCoordinate } from '../../core/coordinates.ts';
import { invalid } from '../../core/errors.ts';
import type { FormatRules } from '../../core/format.ts';
import { dependencies, describe } from './describe.ts';
import { join, narrow } from './entry.ts';
import { normalizeName } from './names.ts';
import { inspect, pypiRemote } from './remote.ts';
import { versionKey } from './versions.ts';

/**
 * Python packages in the core's terms. A version's metadata is its files' core metadata, its entry what the page says of
 * each file.
 */
export const pypiRules: FormatRules = {
  name: 'pypi',
  normalize: checkNormalized,
  displayName: ({ name }) => name,
  versionKey,
  defaultDisplayTag: null,
  describe,
  dependencies,
  remote: pypiRemote,
  inspect,
  takesAssets: 'always',
  join,
  narrow,
};

/**
 * The API takes normalized names only (AWS user guide, "Python package name normalization"); what it says to others is
 * not documented. A 404 would leave it to the caller to find out why, and PutPackageOriginConfiguration would guard a
 * package that can never arrive.
 */
function checkNormalized(coordinate: PackageCoordinate): PackageCoordinate {
  const normal = normalizeName(coordinate.name);
  if (normal === coordinate.name) return coordinate;
  throw invalid(
    `Names of pypi packages are written normalized here: '${normal}', not '${coordinate.name}'.`,
    'FIELD_VALIDATION_FAILED',
  );
}
