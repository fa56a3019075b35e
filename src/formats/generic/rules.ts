import type { FormatRules } from '../../core/format.ts';
import { checkAssetName, checkCoordinatePart } from './names.ts';

/** Generic packages in the core's terms: any files, and nothing is read out of them. Source: reference, semantics 6.8. */
export const genericRules: FormatRules = {
  name: 'generic',
  normalize: (coordinate) => coordinate,
  displayName: ({ name }) => name,
  defaultDisplayTag: null,
  describe: ({ name }) => ({ displayName: name, licenses: [] }),
  dependencies: () => [],
  takesAssets: 'while unfinished',
  isIsolated: true,
  checkApiPublish({ namespace, name }, version, assetName) {
    checkCoordinatePart('namespace', namespace ?? '');
    checkCoordinatePart('package', name);
    checkCoordinatePart('version', version);
    checkAssetName(assetName);
  },
};
