import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ids } from '../../ports/ids.ts';
import { StagedFile } from './staged-file.ts';

/** The place below `folder` where bytes wait for their commit, made when it is missing. */
export async function openStaging(folder: string, ids: Pick<Ids, 'next'>): Promise<() => Promise<StagedFile>> {
  const staging = stagingBelow(folder);
  await mkdir(staging, { recursive: true });
  return () => StagedFile.create(join(staging, ids.next()));
}

/**
 * Removes what processes that died left in staging. It takes the bytes from those that live as well: only for who has
 * the folder alone, before anyone opens blobs in it.
 */
export async function sweepStaging(folder: string): Promise<void> {
  await rm(stagingBelow(folder), { recursive: true, force: true });
}

function stagingBelow(folder: string): string {
  return join(folder, 'staging');
}
