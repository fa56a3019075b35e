import type { VersionStatus } from '../ports/storage.ts';

/** Whether package managers may download the assets of a version. Source: AWS user guide, "Package version status". */
export function isDownloadable(status: VersionStatus): boolean {
  return status === 'Published' || status === 'Unlisted';
}
