import { basename } from 'node:path';
import { findOnPath } from '../../system/find-on-path.ts';
import { goProgram } from '../../system/go-program.ts';
import type { Plan } from '../plan.ts';

/** The release that is built where none is on PATH; `go.mod` and `go.sum` beside this file fix it. */
const VERSION = '0.31.0';

/** What it is called by its makers, and by Debian where it has one. */
const NAMES = ['statsd_exporter', 'prometheus-statsd-exporter'] as const;

interface StatsdExporterSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder in which it is kept for every checkout of this user. */
  readonly cache: string;
  /** Receives lines while it is built. */
  readonly progress: (line: string) => void;
}

/**
 * The StatsD exporter (https://github.com/prometheus/statsd_exporter) on PATH, else one that is built by Go
 * once per user.
 * @throws GoMissingError, GoBuildError
 */
export async function provideStatsdExporter(sources: StatsdExporterSources): Promise<string> {
  const { environment } = sources;
  for (const name of NAMES) {
    const installed = await findOnPath(name, environment);
    if (installed !== undefined) return installed;
  }
  return goProgram({
    ...sources,
    name: NAMES[0],
    version: VERSION,
    module: import.meta.dirname,
    package: 'github.com/prometheus/statsd_exporter',
    linkerFlags: [`-X github.com/prometheus/common/version.Version=${VERSION}`],
  });
}

/** The exporter of a platform; undefined where it has none. */
export const statsdExporterOf = ({ modules }: Pick<Plan, 'modules'>): string | undefined =>
  modules.monitoring?.find((word) => NAMES.some((name) => name === basename(word)));
