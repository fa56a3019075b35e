import type { SdistLimits } from './sdist.ts';

/** What is read out of a distribution, at most; far beyond what the largest real ones have. */
export const distributionLimits: SdistLimits = {
  maxEntries: 100_000,
  maxDirectoryBytes: 16 * 1024 * 1024,
  maxBytes: 4 * 1024 * 1024,
  maxRatio: 200,
  maxHeaders: 10_000,
  maxUnpackedBytes: 16 * 1024 ** 3,
};

/** Of an upload form, besides its file. */
export const formLimits = { maxFields: 2_000, maxFieldBytes: 8 * 1024 * 1024 };
