import type { Ids } from '../../ports/ids.ts';
import type { SettingQueries } from '../../ports/storage.ts';

const settingName = 'token-key';

/** What every token is signed with. */
export interface TokenKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/**
 * The key is made at first use and kept with the data, so that tokens survive a restart and every node over the same
 * data takes them.
 */
export async function tokenKey(settings: SettingQueries, ids: Ids): Promise<TokenKey> {
  const kept = (await settings.find(settingName)) ?? (await settings.insert(settingName, newKey(ids)));
  const { kid, secret } = JSON.parse(kept) as { kid: string; secret: string };
  return { kid, secret: Buffer.from(secret, 'base64url') };
}

function newKey(ids: Ids): string {
  return JSON.stringify({ kid: ids.next(), secret: Buffer.from(ids.bytes(32)).toString('base64url') });
}
