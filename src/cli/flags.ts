import { parseRegistries, readSettings, type Settings } from '../settings.ts';

/** The settings of a command: its flags, the process's environment, and the file that either of them names. */
export async function settingsOf(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { config = process.env['PACKYARD_CONFIG'], registry, ...rest } = flags;
  const registries = registry === undefined ? {} : { registry: parseRegistries(registry as string[]) };
  return readSettings({ ...rest, ...registries }, process.env, config as string | undefined);
}
