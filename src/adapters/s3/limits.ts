/** How long the bucket is waited for, and how much is asked of it and held in memory at once. */
export interface S3Limits {
  /** Longest wait for a connection. */
  readonly connectMs: number;
  /** Longest silence on a connection. */
  readonly idleMs: number;
  /** Longest silence while the bucket joins the parts of an upload. */
  readonly joinMs: number;
  /** How long a call that moves no blob may take with all its tries, and for how long others are tried again. */
  readonly callMs: number;
  /** How long sending a blob or a part of it may take with all its tries, however steadily it moves. */
  readonly sendMs: number;
  /** Pause before the second try. Each further one is twice as long, up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** How often in a row a download is resumed without getting any further. */
  readonly maxResumes: number;
  /** Blobs up to this size are sent in one piece. */
  readonly maxPutBytes: number;
  /** Size of the parts of larger ones; those that would have too many get larger parts. */
  readonly partBytes: number;
  /** What all uploads together may hold in memory. */
  readonly uploadBytes: number;
  /** How many objects one page of a listing has. */
  readonly pageObjects: number;
}

const mebibyte = 1024 * 1024;

export const defaultS3Limits: S3Limits = {
  connectMs: 3_000,
  // Node adds three seconds. With the tries that `callMs` allows, nobody waits longer than 35.
  idleMs: 7_000,
  joinMs: 120_000,
  callMs: 20_000,
  sendMs: 600_000,
  pauseMs: 100,
  maxPauseMs: 2_000,
  maxResumes: 5,
  maxPutBytes: 16 * mebibyte,
  partBytes: 8 * mebibyte,
  uploadBytes: 32 * mebibyte,
  pageObjects: 1_000,
};
