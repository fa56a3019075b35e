import type { RegistrySource } from './addresses.ts';
import { npmRegistry } from './npm.ts';

/** Every connection whose registry this machine can be asked about. */
export const machineRegistries: readonly RegistrySource[] = [npmRegistry];
