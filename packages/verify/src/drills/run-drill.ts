import type { ComponentStatus } from '@provehouse/infra';
import { whyNoTables } from './capable.ts';
import { comesTrue } from './component-state.ts';
import type { Drill } from './drill.ts';
import type { DrillTarget } from './drill-target.ts';
import { resultOf, type DrillResult, type DrillRun } from './drill-result.ts';
import { Baselines } from './baselines.ts';
import { runPipelineDrill } from './pipeline/run-pipeline-drill.ts';
import { NoFaultCommandError } from './fault-commands.ts';
import type { FaultJournal } from './fault-journal.ts';
import type { Guarantee } from './guarantee.ts';
import { scheduleOf, type Schedule } from './schedule.ts';
import { runStreamDrill } from './stream/run-stream-drill.ts';
import { UndoError } from './undo.ts';
import { runWritesDrill } from './writes/run-writes.ts';

const PATIENCE_SECONDS = 15;

export interface DrillOptions {
  readonly seed: number;
  readonly journal: FaultJournal;
  readonly signal: AbortSignal;
  /** What the inserts of all drills ask for; each drill's own guarantee by default. */
  readonly guarantee?: Guarantee;
  /** The workloads without a fault, for drills that share them; a drill that finds anything wrong ends that. */
  readonly baselines?: Baselines;
  /** Receives what is being done. */
  readonly onPhase: (phase: string) => void;
}

/**
 * Runs a drill and judges it. One that cannot run is inconclusive: it has proved nothing.
 * @throws UndoError when the platform could not be put right, or else the signal's reason when it is aborted
 */
export async function runDrill(
  drill: Drill,
  target: DrillTarget,
  options: DrillOptions,
): Promise<DrillResult> {
  const baselines = options.baselines ?? new Baselines();
  const result = await judge(drill, target, { ...options, baselines });
  if (result.status === 'failed' || result.status === 'inconclusive') baselines.forget();
  return result;
}

async function judge(
  drill: Drill,
  target: DrillTarget,
  options: DrillOptions & { readonly baselines: Baselines },
): Promise<DrillResult> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const result = (parts: Omit<Parameters<typeof resultOf>[1], 'startedAt' | 'durationSeconds'>) =>
    resultOf(drill, { ...parts, startedAt, durationSeconds: (performance.now() - begin) / 1000 });
  const reason = whyNoTables(drill, target) ?? (await drill.unavailable(target));
  if (reason !== undefined) {
    const skipped = { status: 'skipped', expected: 'a platform that can be broken so' } as const;
    return result({ findings: [{ ...skipped, observed: 'it was not run', reason }] });
  }
  const ill = await illComponents(target);
  if (ill.length > 0) {
    const observed = ill.map(({ name, state }) => `${name} ${state}`).join(', ');
    const unfit = {
      status: 'inconclusive',
      expected: 'a platform that is well before it',
    } as const;
    return result({ findings: [{ ...unfit, observed, reason: 'Start what is down: infra:up.' }] });
  }
  const schedule = scheduleOf(drill.name, options.seed, target.deployment);
  try {
    return result({ schedule, ...(await run(drill, target, schedule, options)) });
  } catch (error) {
    if (error instanceof UndoError) throw error;
    options.signal.throwIfAborted();
    if (error instanceof NoFaultCommandError) {
      const skipped = { status: 'skipped', expected: 'a platform that can be broken so' } as const;
      return result({
        schedule,
        findings: [{ ...skipped, observed: 'it was not run', reason: error.message }],
      });
    }
    const observed = error instanceof Error ? error.message : String(error);
    const unknown = { status: 'inconclusive', expected: 'a drill that comes to its end' } as const;
    return result({
      schedule,
      findings: [
        { ...unknown, observed, reason: 'Put right what the error names and run it again.' },
      ],
    });
  }
}

/** The workload of the drill, with its fault. */
function run(
  drill: Drill,
  target: DrillTarget,
  schedule: Schedule,
  options: DrillOptions & { readonly baselines: Baselines },
): Promise<DrillRun> {
  switch (drill.workload) {
    case 'writes':
      return runWritesDrill(drill, target, schedule, options);
    case 'pipeline':
      return runPipelineDrill(drill, target, schedule, options);
    case 'stream':
      return runStreamDrill(drill, target, schedule, options);
  }
}

/** Components that are not ready, also after a while: one that is only busy answers late. */
async function illComponents({ runtime }: DrillTarget): Promise<readonly ComponentStatus[]> {
  let ill: readonly ComponentStatus[] = [];
  await comesTrue(PATIENCE_SECONDS, async () => {
    ill = (await runtime.status()).filter(({ state }) => state !== 'ready');
    return ill.every(({ state }) => state !== 'not answering');
  });
  return ill;
}
