import type { Finding } from '../../verdict.ts';
import type { Fault, WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { Schedule } from '../schedule.ts';
import { reviveSurvivors } from '../survivors.ts';
import type { Timeline } from '../timeline.ts';
import { undoAll } from '../undo.ts';
import type { DrillTables } from './drill-tables.ts';
import { contentsOf } from './node-content.ts';
import { untilReplicated } from './settled-contents.ts';
import type { Writer } from './writer.ts';
import { writesFinding } from './writes-finding.ts';

/** How long writes go on when the fault is proved; longer where a node takes its time to refuse one. */
const PROVED_SECONDS = 2;

/** A drill, and what it does to a platform. */
export interface Break {
  readonly drill: WritesDrill;
  readonly fault: Fault;
}

/** What goes on while a platform is broken. */
export interface Broken {
  readonly writer: Writer;
  readonly schedule: Schedule;
  readonly tables: DrillTables;
  readonly timeline: Timeline;
  readonly signal: AbortSignal;
}

/** Breaks the platform while batches are being sent, and lifts the fault afterwards. */
export async function breakWhile(
  target: DrillTarget,
  { drill, fault }: Break,
  { writer, schedule, tables, timeline, signal }: Broken,
  onPhase: (phase: string) => void,
): Promise<Finding[]> {
  onPhase('the fault');
  const findings: Finding[] = [];
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  let injected: Promise<void> = Promise.resolve();
  const inject = async (): Promise<void> => {
    injected = fault.inject();
    await injected;
    timeline.mark('injected');
    const proof = await fault.prove();
    findings.push(proof);
    // Without the fault, nothing of what must hold under it can be asked.
    if (proof.status !== 'passed') return;
    timeline.mark('proved');
    findings.push(...((await fault.during?.()) ?? []));
  };
  if (drill.destroysRows) {
    const acknowledged = new Set(writer.acknowledged);
    await untilReplicated(() => contentsOf(target, { schedule, tables, acknowledged }), stop);
    await inject();
  }
  const first = Math.ceil(schedule.during / 2);
  const writes = writer.send(first, drill.holdSeconds, stop);
  try {
    await Promise.all(drill.destroysRows ? [writes] : [writes, inject()]);
    // These come when the fault is proved, and tell what becomes of writes.
    const proved = performance.now();
    const rest = schedule.during - first;
    const asked = await writer.sendToEach(rest, drill.patienceSeconds ?? 0, stop);
    const left = PROVED_SECONDS - (performance.now() - proved) / 1000;
    if (left > 0) await writer.send(rest - asked, left, stop);
  } catch (error) {
    failed.abort(error);
    // What only asks may go on; what breaks something must have come to its end.
    await injected.catch(() => undefined);
    throw error;
  }
  onPhase('recovery');
  timeline.mark('lifted');
  findings.push(writesFinding(timeline.record(), drill.writes(target, writer.guarantee)));
  await (fault.lift === undefined ? undoAll(target, fault.undo) : fault.lift());
  findings.push(...(await reviveSurvivors(target)));
  return findings;
}
