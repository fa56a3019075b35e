import { isMap, parsePairs, readSettings, type Settings } from '../settings.ts';

/** The settings of a command: its flags, the process's environment, and the file that either of them names. */
export async function settingsOf(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { config = process.env['PACKYARD_CONFIG'], ...rest } = flags;
  const values = Object.entries(rest).map(([name, value]) => [
    name,
    isMap(name) && value !== undefined ? parsePairs(name, value as string[]) : value,
  ]);
  return readSettings(Object.fromEntries(values), process.env, config as string | undefined);
}
