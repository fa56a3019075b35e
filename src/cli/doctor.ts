import { takeDataFolder } from '../adapters/files/data-folder.ts';
import { registryAddresses } from '../adapters/registries/addresses.ts';
import { machineRegistries } from '../adapters/registries/machine.ts';
import { type Settings, SettingsError } from '../settings.ts';
import { version } from '../version.ts';
import { settingsOf } from './flags.ts';
import { sayError } from './say-error.ts';

/**
 * `packyard doctor`: what this machine and these settings lead to, a line each: the program, the data folder, and
 * where each public registry is and what said so. Exit code 1 when a server could not start.
 */
export async function doctor(flags: Record<string, unknown>): Promise<void> {
  try {
    const settings = await settingsOf(flags);
    say('packyard', `${version} on Node ${process.version}`);
    say('data folder', folderState(settings));
    const addresses = registryAddresses(settings.registry, machineRegistries);
    for (const { connection } of machineRegistries) {
      const found = await addresses.find(connection);
      const text =
        found === undefined ? `unknown; set it with --registry ${connection}=URL` : `${found.url} (${found.source})`;
      say(connection, text);
    }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    sayError(error);
  }
}

/** Takes the folder as a server would, and gives it back. */
function folderState({ data, memory }: Settings): string {
  if (memory) return 'a temporary one';
  try {
    const folder = takeDataFolder(data);
    folder.release();
    return `${folder.path} (can be used)`;
  } catch (error) {
    process.exitCode = 1;
    return (error as Error).message;
  }
}

function say(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(14)} ${text}\n`);
}
