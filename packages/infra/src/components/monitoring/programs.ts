import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { exists } from '../../system/exists.ts';
import { findOnPath } from '../../system/find-on-path.ts';
import { makeOnce } from '../../system/make-once.ts';

/** Long enough for 20 MB on a slow line. */
const DOWNLOAD_LIMIT = '5m';

/** The programs of monitoring: what they are called on PATH, and the package of Debian that has them. */
const PROGRAMS = {
  prometheus: { names: ['prometheus'], debian: 'prometheus' },
  alertmanager: {
    names: ['alertmanager', 'prometheus-alertmanager'],
    debian: 'prometheus-alertmanager',
  },
  // Of what it has only the collector of text files is used.
  verdicts: {
    names: ['node_exporter', 'prometheus-node-exporter'],
    debian: 'prometheus-node-exporter',
  },
  postgres: {
    names: ['postgres_exporter', 'prometheus-postgres-exporter'],
    debian: 'prometheus-postgres-exporter',
  },
  redis: {
    names: ['redis_exporter', 'prometheus-redis-exporter'],
    debian: 'prometheus-redis-exporter',
  },
} as const satisfies Readonly<
  Record<string, { readonly names: readonly string[]; readonly debian: string }>
>;

/** What comes in a package beside its program, and checks files for it. */
const TOOLS = { promtool: PROGRAMS.prometheus.debian, amtool: PROGRAMS.alertmanager.debian };

const NAMES = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];

/** The file of each program. */
export type MonitoringPrograms = Readonly<Record<keyof typeof PROGRAMS, string>>;

/** Thrown when there is no such program, or none can be had. */
export class MonitoringProgramError extends ProvehouseError {
  override readonly name = 'MonitoringProgramError';
}

/** Where programs may be. */
export interface ProgramPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder in which Debian's packages are kept, unpacked, for every checkout of this user. */
  readonly cache: string;
}

/** Every program on PATH, else in the cache; undefined where one of them is in neither. */
export async function findMonitoring(
  places: ProgramPlaces,
): Promise<MonitoringPrograms | undefined> {
  const files = await Promise.all(NAMES.map((name) => findProgram(name, places)));
  const found = files.filter((file) => file !== undefined);
  return found.length < NAMES.length ? undefined : programsIn(found);
}

interface ProvideOptions extends ProgramPlaces {
  /** Receives the package of Debian that is downloaded. */
  readonly onDownload: (debian: string) => void;
}

/** Every program as `provideProgram` gives it. @throws MonitoringProgramError for the first that is missing */
export async function provideMonitoring(options: ProvideOptions): Promise<MonitoringPrograms> {
  const provided = NAMES.map((name) => provideProgram(name, options));
  // No download goes on after an error, and the error is the same each time.
  await Promise.allSettled(provided);
  return programsIn(await Promise.all(provided));
}

/**
 * The program that there is, else that of Debian's package, which is unpacked once per user, without root.
 * @throws MonitoringProgramError with what was expected, what was found and what to do
 */
export async function provideProgram(
  name: keyof typeof PROGRAMS,
  { onDownload, ...places }: ProvideOptions,
): Promise<string> {
  const there = await findProgram(name, places);
  if (there !== undefined) return there;
  const { debian } = PROGRAMS[name];
  await makeOnce(folderIn(places.cache, debian), async (draft) => {
    onDownload(debian);
    await unpackPackage(name, draft, places.environment);
  });
  const unpacked = await findProgram(name, places);
  if (unpacked === undefined) throw unavailable(name, 'what was unpacked lacks it');
  return unpacked;
}

/** A program that checks files of the others; undefined where there is none. */
export async function findTool(
  tool: keyof typeof TOOLS,
  { environment, cache }: ProgramPlaces,
): Promise<string | undefined> {
  return (await findOnPath(tool, environment)) ?? fileIn(cache, TOOLS[tool], tool);
}

/** The programs as words that a plan keeps, and back again. */
export const wordsOf = (programs: MonitoringPrograms): string[] =>
  NAMES.map((name) => programs[name]);

export const programsIn = (words: readonly string[]): MonitoringPrograms =>
  Object.fromEntries(NAMES.map((name, index) => [name, words[index] ?? ''])) as MonitoringPrograms;

/** The folder /usr/share of the package that a program was unpacked from; undefined for one on PATH. */
export function shareOf(program: string): string | undefined {
  const root = dirname(dirname(dirname(program)));
  return root.endsWith(UNPACKED) ? join(root, 'usr/share') : undefined;
}

const UNPACKED = '-debian';

const folderIn = (cache: string, debian: string): string => join(cache, `${debian}${UNPACKED}`);

async function fileIn(cache: string, debian: string, name: string): Promise<string | undefined> {
  const file = join(folderIn(cache, debian), 'usr/bin', name);
  return (await exists(file)) ? file : undefined;
}

async function findProgram(
  program: keyof typeof PROGRAMS,
  { environment, cache }: ProgramPlaces,
): Promise<string | undefined> {
  const { names, debian } = PROGRAMS[program];
  for (const name of names) {
    const installed = await findOnPath(name, environment);
    if (installed !== undefined) return installed;
  }
  // The program of a package has its name.
  return fileIn(cache, debian, debian);
}

async function unpackPackage(
  name: keyof typeof PROGRAMS,
  folder: string,
  environment: ProgramPlaces['environment'],
): Promise<void> {
  const { debian } = PROGRAMS[name];
  const apt = await findOnPath('apt-get', environment);
  if (apt === undefined) throw unavailable(name, 'there is no apt-get for Debian’s package');
  const download = `${folder}-download`;
  await mkdir(download, { recursive: true });
  try {
    const options = { quiet: true, nothrow: true, timeout: DOWNLOAD_LIMIT, cwd: download } as const;
    const fetched = await $(options)`${apt} download ${debian}`;
    if (fetched.exitCode !== 0) {
      throw unavailable(
        name,
        `apt-get download ${debian}: ${lastLine(fetched.stderr) || `no end after ${DOWNLOAD_LIMIT}`}`,
      );
    }
    const unpacked = await $(options)`dpkg-deb --extract ${debian}_*.deb ${folder}`;
    if (unpacked.exitCode !== 0) {
      throw unavailable(name, `dpkg-deb: ${lastLine(unpacked.stderr) || 'no end'}`);
    }
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const unavailable = (name: keyof typeof PROGRAMS, found: string): MonitoringProgramError =>
  new MonitoringProgramError(
    `Expected ${PROGRAMS[name].names.join(' or ')} on PATH for --with monitoring, found none, and ${found}. ` +
      'Install it (https://prometheus.io/download/), start once where Debian’s packages are reached, ' +
      'after apt-get update where its lists are absent, or leave monitoring out of --with.',
  );
