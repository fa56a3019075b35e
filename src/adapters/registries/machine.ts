import type { RegistrySource } from './addresses.ts';
import { mavenCentral } from './maven.ts';
import { npmRegistry } from './npm.ts';
import { pipIndex } from './pip.ts';

/** Every connection whose registry this machine can be asked about. */
export const machineRegistries: readonly RegistrySource[] = [npmRegistry, pipIndex, mavenCentral];
