import type { Scenario } from '../scenario.ts';
import { controlPlane } from './control-plane.ts';
import { huge } from './huge.ts';
import { install } from './install.ts';
import { largePackument } from './large-packument.ts';
import { million } from './million.ts';
import { publish } from './publish.ts';
import { smallPackument } from './small-packument.ts';
import { startUp } from './start-up.ts';
import { tarball1m, tarball10k, tarball20m } from './tarballs.ts';
import { thousandthPublish } from './thousandth-publish.ts';

/** In the order they run and are reported in. */
export const scenarios: readonly Scenario[] = [
  smallPackument,
  largePackument,
  tarball10k,
  tarball1m,
  tarball20m,
  publish,
  thousandthPublish,
  install,
  startUp,
  controlPlane,
  million,
  huge,
];
