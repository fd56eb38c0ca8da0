import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { EngineError } from '../../clickhouse/engine.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import { exists } from '../../system/exists.ts';
import { makeOnce } from '../../system/make-once.ts';
import manifest from './embedded-library/package.json' with { type: 'json' };

/** The folder of the lock: the package of the library, with its sum. */
const LOCKED = join(import.meta.dirname, 'embedded-library');

/** Long enough for 170 MB on a slow line. */
const DOWNLOAD_LIMIT = '20m';

const PLATFORM = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
const PACKAGE = `@chdb/lib-${PLATFORM}`;

/** Where the embedded engine comes from. */
export interface LibrarySources {
  /** Folder in which it is kept for every checkout of this user. */
  readonly cache: string;
  readonly onDownload: () => void;
}

const versions: Readonly<Record<string, string>> = manifest.dependencies;

const folderIn = (cache: string): string => join(cache, `embedded-library-${versions[PACKAGE]}`);

/** The folder of the package, with its manifest; it may not be there yet. */
export const libraryPackage = (cache = cacheFolder(process.env)): string =>
  join(folderIn(cache), 'node_modules', PACKAGE);

/** Path of the embedded engine's shared library, which may not be there yet. */
export const embeddedLibrary = (cache = cacheFolder(process.env)): string =>
  join(libraryPackage(cache), 'libchdb.so');

/**
 * The embedded engine's shared library, which npm installs once per user by the lock: checkouts share its
 * 540 MB.
 * @throws EngineError where there is none for this machine, or npm cannot install it
 */
export async function provideEmbeddedLibrary(sources: LibrarySources): Promise<string> {
  const { cache, onDownload } = sources;
  if (versions[PACKAGE] === undefined) {
    const known = Object.keys(versions).map((name) => name.replace('@chdb/lib-', ''));
    throw new EngineError(
      `Expected a machine that there is an embedded ClickHouse engine for (${known.join(', ')}), found ${PLATFORM}. ` +
        'Use ClickHouse servers (--engine server), or containers (--runtime docker).',
    );
  }
  await makeOnce(folderIn(cache), async (draft) => {
    onDownload();
    await cp(LOCKED, draft, { recursive: true });
    const options = { quiet: true, nothrow: true, timeout: DOWNLOAD_LIMIT, cwd: draft } as const;
    const { exitCode, stderr } = await $(
      options,
    )`npm ci --ignore-scripts --no-audit --no-fund --loglevel=error`;
    if (exitCode === 0 && (await exists(join(draft, 'node_modules', PACKAGE, 'libchdb.so'))))
      return;
    const words = stderr.trim().split('\n').slice(0, 3).join(' ');
    throw new EngineError(
      `The embedded ClickHouse engine (${PACKAGE}) cannot be had: ${words || `npm did not end within ${DOWNLOAD_LIMIT}`}. ` +
        'Start once where the package registry is reached, or use ClickHouse servers (--engine server).',
    );
  });
  return embeddedLibrary(cache);
}
