import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProvehouseError } from '@provehouse/secrets';
import type { Component } from './component.ts';
import { lastLinesOf } from '../system/last-lines.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { processState, startProcess, type SupervisedProcess } from './supervisord.ts';

/** Thrown when a component dies or is not ready in time; holds the last lines of its log. */
export class ComponentError extends ProvehouseError {
  override readonly name = 'ComponentError';
}

export interface StartEvents {
  onWaiting(component: string): void;
  onReady(component: string, seconds: number): void;
}

/**
 * Starts the components side by side, each after those that it needs, and waits until all are ready.
 * @throws ComponentError for the first that dies or is not ready within its budget
 */
export async function startComponents(
  folder: StateFolder,
  components: readonly Component[],
  events: StartEvents,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const ready = new Map<string, Promise<void>>();
  const start = async (component: Component): Promise<void> => {
    const state = await processState(folder, component.name);
    if (state.statename !== 'RUNNING') {
      await component.prepare?.();
      await Promise.all((component.after ?? []).map((name) => ready.get(name)));
      stop.throwIfAborted();
      await startProcess(folder, component.name);
    }
    events.onWaiting(component.name);
    const seconds = await untilReady(folder, component, stop);
    await component.provision?.();
    events.onReady(component.name, seconds);
  };
  for (const component of components) ready.set(component.name, start(component));
  const all = [...ready.values()];
  try {
    await Promise.all(all);
  } catch (error) {
    failure.abort();
    // The others must have stopped before anybody takes the platform down.
    await Promise.allSettled(all);
    signal.throwIfAborted();
    throw error;
  }
}

/**
 * A component is asked again after this part of the time that it has taken already: on a machine so busy
 * that everything takes long, questions would make it longer.
 */
const PART_OF_TIME_TAKEN = 1 / 30;

/**
 * Waits until the component's process runs and its probe succeeds; gives the seconds since its start.
 * @throws ComponentError
 */
export async function untilReady(
  folder: StateFolder,
  component: Component,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const state = await processState(folder, component.name);
    if (state.statename !== 'RUNNING') {
      throw new ComponentError(
        `${component.name} died (${describeState(state)}).${await lastLines(folder, component)}`,
      );
    }
    const seconds = state.now - state.start;
    try {
      await component.probe(signal, new Date(state.start * 1000));
      return seconds;
    } catch (cause) {
      if (seconds > component.budgetSeconds) {
        const said = cause instanceof Error ? cause.message || cause.name : String(cause);
        throw new ComponentError(
          `${component.name} was not ready within ${component.budgetSeconds} s: ${said}.` +
            (await lastLines(folder, component)),
          { cause },
        );
      }
    }
    const interval = Math.max(component.probeIntervalMs ?? 50, seconds * 1000 * PART_OF_TIME_TAKEN);
    await delay(interval, undefined, { signal });
  }
}

/** A process' state in words. */
export function describeState(state: SupervisedProcess | undefined): string {
  if (state === undefined) return 'unknown to supervisord';
  const name = state.statename.toLowerCase();
  if (name !== 'exited') return name;
  // supervisord gives -1 for a process that a signal ended, and does not say which signal.
  return state.exitstatus === -1 ? 'ended by a signal' : `exited with code ${state.exitstatus}`;
}

const SHOWN_LINES = 12;

/** The end of a component's output, and its last errors where it writes them elsewhere. */
async function lastLines(
  folder: StateFolder,
  { name, errorLog }: Pick<Component, 'name' | 'errorLog'>,
): Promise<string> {
  const output = lastLinesOf(await textOf(join(folder.logs, `${name}.log`)));
  const errors = errorLog === undefined ? [] : lastEntry(await textOf(errorLog));
  return [
    '',
    'Its last lines:',
    ...output.map(indent),
    ...(errors.length === 0
      ? []
      : [`Its last error, in ${errorLog ?? ''}:`, ...errors.map(indent)]),
    `More: npx nx run infra:logs ${name}`,
  ].join('\n');
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** A line that begins an entry of ClickHouse's log: `2026.01.02 03:04:05.678901 [ 1 ] {} <Error> …`. */
const ENTRY = /^\d{4}\.\d{2}\.\d{2} .*<(Fatal|Critical|Error)>/;

/** The last error: what went wrong stands in its first lines, above a trace of calls. */
function lastEntry(log: string): string[] {
  const lines = log.split('\n').filter((line) => line !== '');
  const begin = lines.findLastIndex((line) => ENTRY.test(line));
  return begin < 0 ? [] : lines.slice(begin, begin + SHOWN_LINES);
}

const indent = (line: string): string => `  ${line}`;
