import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openS3Blobs, type S3BlobsOptions } from '../../../src/adapters/s3/blobs.ts';
import { parseS3Location } from '../../../src/adapters/s3/location.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';

/** A folder that is gone after the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-s3-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens blobs as `--blobs URL` does, and closes them after the test. */
export async function openS3(url: string, options: Partial<S3BlobsOptions> = {}): Promise<Blobs> {
  const folder = options.folder ?? (await newFolder());
  const blobs = await openS3Blobs({ location: parseS3Location(url), ids: systemIds(systemClock), ...options, folder });
  onTestFinished(() => blobs.close());
  return blobs;
}
