import { $ } from 'zx';

/** What ClickHouse asks for (https://clickhouse.com/docs/operations/tips): a file for each column of a part. */
const OPEN_FILES = 262_144;

/**
 * The limit of open files that nodes get: what ClickHouse asks for, or null where the engine may grant no
 * container more than it has itself, as one without root. The engine is asked by a container of the image
 * that ends at once; an image that is not there yet is not waited for.
 */
export async function grantedOpenFiles(image: string): Promise<number | null> {
  const words = ['--rm', '--network', 'none', '--pull', 'never', '--entrypoint', 'true'];
  const limit = ['--ulimit', `nofile=${OPEN_FILES}:${OPEN_FILES}`];
  const { exitCode, stderr } = await $({
    quiet: true,
    nothrow: true,
  })`docker run ${words} ${limit} ${image}`;
  return exitCode !== 0 && stderr.includes('rlimit') ? null : OPEN_FILES;
}
