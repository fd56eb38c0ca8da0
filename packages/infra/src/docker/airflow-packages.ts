import { $ } from 'zx';
import type { Module } from '../runtime.ts';
import { PlatformStateError } from '../state/state-error.ts';

/** The Python package that tasks talk to Kafka with, in the group `kafka` of the project's lock. */
const PACKAGE = 'apache-airflow-providers-apache-kafka';
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
  const words = ['run', '--rm', '--network', 'none', '--entrypoint', 'python3', chosen];
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`docker ${words} -c ${ASK} ${PACKAGE}`;
  if (exitCode === 0) return;
  throw new PlatformStateError(
    `--with kafka: expected Airflow's image ${chosen} with the Python package ${PACKAGE}, found: ` +
      `${stderr.trim().split('\n').at(-1) ?? ''}. Add the group kafka to it (docs/containers.md), leave ` +
      'out --image airflow, or leave Kafka out with --with none.',
  );
}
