import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { exists } from '../../system/exists.ts';
import { findOnPath } from '../../system/find-on-path.ts';
import { makeOnce } from '../../system/make-once.ts';

/** Long enough for 20 MB on a slow line. */
const DOWNLOAD_LIMIT = '5m';

/** Thrown when there is no Prometheus, or none can be had. */
export class PrometheusProgramError extends ProvehouseError {
  override readonly name = 'PrometheusProgramError';
}

/** Where Prometheus may be. */
export interface PrometheusPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder in which Debian's package is kept, unpacked, for every checkout of this user. */
  readonly cache: string;
}

/** Prometheus as a command, and the program that checks its rules. */
export interface PrometheusPrograms {
  readonly prometheus: readonly string[];
  /** Absent where PATH has none. */
  readonly promtool?: string;
}

/** The Prometheus on PATH, else the one in the cache, if there is one. */
export async function findPrometheus({
  environment,
  cache,
}: PrometheusPlaces): Promise<PrometheusPrograms | undefined> {
  const installed = await findOnPath('prometheus', environment);
  if (installed !== undefined) {
    const promtool = await findOnPath('promtool', environment);
    return { prometheus: [installed], ...(promtool !== undefined && { promtool }) };
  }
  const folder = folderIn(cache);
  if (!(await exists(folder))) return undefined;
  return {
    prometheus: [
      join(folder, 'usr/bin/prometheus'),
      // An option of Debian's: its pages are not in the program.
      `--web.local-assets=${join(folder, 'usr/share/prometheus/web')}`,
    ],
    promtool: join(folder, 'usr/bin/promtool'),
  };
}

/**
 * The Prometheus that there is, else that of Debian's package, which is unpacked once per user, without
 * root.
 * @throws PrometheusProgramError with what was expected, what was found and what to do
 */
export async function providePrometheus({
  onDownload,
  ...places
}: PrometheusPlaces & { readonly onDownload: () => void }): Promise<PrometheusPrograms> {
  const there = await findPrometheus(places);
  if (there !== undefined) return there;
  await makeOnce(folderIn(places.cache), async (draft) => {
    onDownload();
    await unpackPackage(draft, places.environment);
  });
  const unpacked = await findPrometheus(places);
  if (unpacked === undefined) throw unavailable('what was unpacked is gone');
  return unpacked;
}

const folderIn = (cache: string): string => join(cache, 'prometheus-debian');

async function unpackPackage(
  folder: string,
  environment: PrometheusPlaces['environment'],
): Promise<void> {
  const apt = await findOnPath('apt-get', environment);
  if (apt === undefined) throw unavailable('there is no apt-get for Debian’s package');
  const download = `${folder}-download`;
  await mkdir(download, { recursive: true });
  try {
    const options = { quiet: true, nothrow: true, timeout: DOWNLOAD_LIMIT, cwd: download } as const;
    const fetched = await $(options)`${apt} download prometheus`;
    if (fetched.exitCode !== 0) {
      throw unavailable(
        `apt-get download prometheus: ${lastLine(fetched.stderr) || `no end after ${DOWNLOAD_LIMIT}`}`,
      );
    }
    const unpacked = await $(options)`dpkg-deb --extract prometheus_*.deb ${folder}`;
    if (unpacked.exitCode !== 0 || !(await exists(join(folder, 'usr/bin/prometheus')))) {
      throw unavailable(`dpkg-deb: ${lastLine(unpacked.stderr) || 'no prometheus in the package'}`);
    }
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const unavailable = (found: string): PrometheusProgramError =>
  new PrometheusProgramError(
    `Expected a prometheus on PATH for --with monitoring, found none, and ${found}. ` +
      'Install Prometheus (https://prometheus.io/download/), start once where Debian’s packages are reached, ' +
      'after apt-get update where its lists are absent, or leave monitoring out of --with.',
  );
