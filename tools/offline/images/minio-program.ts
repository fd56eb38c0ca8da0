import { join } from 'node:path';
import { goProgram, goTarget } from '@provehouse/infra';

/** The last release of MinIO's server for which an official image was published. */
export const MINIO_RELEASE = 'RELEASE.2025-09-07T16-13-09Z';
const COMMIT = '07c3a429bfed433e49018cb0f78a52145d4bedeb';
const PACKAGE = 'github.com/minio/minio';

/**
 * Path of a MinIO server for Linux, built from its Go modules and kept in `cache`. It knows its
 * release as the official one does.
 * @throws GoMissingError, GoBuildError
 */
export function minioProgram(options: {
  readonly cache: string;
  readonly progress?: (message: string) => void;
}): Promise<string> {
  const constants = {
    Version: MINIO_RELEASE.replace(/^RELEASE\./, '').replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'),
    ReleaseTag: MINIO_RELEASE,
    CommitID: COMMIT,
    ShortCommitID: COMMIT.slice(0, 12),
    CopyrightYear: '2025',
  };
  return goProgram({
    ...options,
    name: 'minio',
    version: MINIO_RELEASE,
    module: join(import.meta.dirname, 'minio'),
    package: PACKAGE,
    linkerFlags: Object.entries(constants).map(
      ([name, value]) => `-X ${PACKAGE}/cmd.${name}=${value}`,
    ),
    buildTags: ['kqueue'],
    target: { ...goTarget(), os: 'linux' },
  });
}
