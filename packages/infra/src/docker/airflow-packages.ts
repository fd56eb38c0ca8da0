import { $ } from 'zx';
import type { Module } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';

/** The Python package that tasks talk to Kafka with, in the group `kafka` of the project's lock. */
const KAFKA_PACKAGE = 'apache-airflow-providers-apache-kafka';

/** The one that Airflow sends its metrics with, in the group `monitoring`. */
const METRICS_PACKAGE = 'statsd';

const ASK = 'import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))';

/**
 * Asks an image that somebody chose for Airflow whether it has what the tasks of Kafka need; those that are
 * built here have it. That one lacks the packages for the bucket is no reason to refuse it: tables may be
 * in the bucket without any task that uses it, and a task that does says what it lacks.
 * @throws PlatformStateError with what makes such an image
 */
export async function refuseWithoutPackages(
  chosen: string | undefined,
  modules: readonly Module[],
): Promise<void> {
  if (chosen === undefined || !modules.includes('kafka')) return;
  const found = await whatIsFoundInstead(chosen, KAFKA_PACKAGE);
  if (found === undefined) return;
  throw new PlatformStateError(
    `--with kafka: expected Airflow's image ${chosen} with the Python package ${KAFKA_PACKAGE}, found: ` +
      `${found}. Add the group kafka to it (docs/containers.md), leave ` +
      'out --image airflow, or leave Kafka out with --with none.',
  );
}

/**
 * Why an image that somebody chose for Airflow sends no metrics, if it does not; those that are built here do.
 * Airflow itself goes on without, and so does the rest of monitoring.
 */
export async function whyNoMetrics(
  chosen: string | undefined,
  modules: readonly Module[],
): Promise<string | undefined> {
  if (chosen === undefined || !modules.includes('monitoring')) return undefined;
  const found = await whatIsFoundInstead(chosen, METRICS_PACKAGE);
  if (found === undefined) return undefined;
  return (
    `expected Airflow's image ${chosen} with the Python package ${METRICS_PACKAGE}, which it sends its metrics with; ` +
    `found: ${found}. Add the group monitoring to it (docs/containers.md), or leave out --image airflow`
  );
}

/** What Python in an image says instead of the version of a package; undefined where it has the package. */
async function whatIsFoundInstead(image: string, name: string): Promise<string | undefined> {
  const words = ['run', '--rm', '--network', 'none', '--entrypoint', 'python3', image];
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`docker ${words} -c ${ASK} ${name}`;
  return exitCode === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? '');
}
