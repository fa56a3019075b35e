import { DataFolderError } from '../adapters/files/data-folder.ts';
import { SettingsError } from '../settings.ts';

/** What prevents a start, in one line for the person at the terminal. */
export function faultMessage(error: unknown): string {
  return told(error).replace(/\s*\n\s*/g, ' ');
}

function told(error: unknown): string {
  if (error instanceof SettingsError || error instanceof DataFolderError) return error.message;
  const { code, address, hostname, port, message } = error as NodeJS.ErrnoException & Partial<Record<string, string>>;
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken; stop what listens there or choose another with --port`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} on ${address} may not be used; choose another with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${address ?? hostname} is no address of this machine; choose another with --host`;
  return message;
}
