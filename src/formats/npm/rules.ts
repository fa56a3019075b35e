import type { FormatRules } from '../../core/format.ts';
import { tarballLimits } from './ingest.ts';
import { dependencies, describe } from './manifest.ts';
import { checkScope, fullName } from './names.ts';
import { npmRemote, tarballAsset } from './remote.ts';
import { readReadme } from './tarball.ts';

/** npm in the core's terms. Names are stored as they are given. */
export const npmRules: FormatRules = {
  name: 'npm',
  normalize: checkScope,
  displayName: fullName,
  defaultDisplayTag: 'latest',
  describe,
  dependencies,
  readme: { assetName: tarballAsset, read: (asset) => readReadme(asset, tarballLimits) },
  remote: npmRemote,
  takesAssets: 'never',
};
