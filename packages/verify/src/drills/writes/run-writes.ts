import type { Finding } from '../../verdict.ts';
import { accountFindings, baselineFinding, recoveryFinding } from '../account-findings.ts';
import { accountOf, isWhole, type Account, type NodeContent } from '../account.ts';
import type { Fault, WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { DrillRun } from '../drill-result.ts';
import { clearJournal, writeJournal, type FaultJournal } from '../fault-journal.ts';
import { batchesOf, type Schedule } from '../schedule.ts';
import { reviveSurvivors } from '../survivors.ts';
import { Timeline } from '../timeline.ts';
import { undoAll, type Undo } from '../undo.ts';
import { createDrillTables, PREFIX, type DrillTables } from './drill-tables.ts';
import { contentsOf } from './node-content.ts';
import { dropOrphanParts } from './orphan-parts.ts';
import { settledContents, untilReplicated } from './settled-contents.ts';
import { Writer } from './writer.ts';
import { writesFinding } from './writes-finding.ts';

const PROVED_SECONDS = 2;

export interface WritesOptions {
  readonly journal: FaultJournal;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly onPhase: (phase: string) => void;
}

/** Runs a drill's workload without its fault and with it. @throws when the platform cannot be put right */
export async function runWritesDrill(
  drill: WritesDrill,
  target: DrillTarget,
  schedule: Schedule,
  options: WritesOptions,
): Promise<DrillRun> {
  options.onPhase('the workload without the fault');
  const before = await runWrites(target, schedule, undefined, options);
  const refused = before.timeline.attempts.filter(({ accepted }) => !accepted);
  const baseline = before.account;
  const sane = baselineFinding(baseline, refused);
  if (sane.status !== 'passed')
    return { ...before, baseline, findings: [sane, ...before.findings] };
  const broken = await runWrites(target, schedule, drill, options);
  return { ...broken, baseline, findings: [sane, ...broken.findings] };
}

type Outcome = Omit<DrillRun, 'baseline'>;

/** One run of the workload on tables of its own, which are gone afterwards. */
async function runWrites(
  target: DrillTarget,
  schedule: Schedule,
  drill: WritesDrill | undefined,
  options: WritesOptions,
): Promise<Outcome> {
  const id = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const names = [`${PREFIX}${id}`, `${PREFIX}${id}_local`];
  const undo: Undo[] = [{ kind: 'tables', names }];
  const note = (): Promise<void> => writeJournal(options.journal, drill?.name ?? 'writes', undo);
  await note();
  try {
    const tables = await createDrillTables(target, id);
    const fault = await drill?.fault(target, schedule, tables.local);
    if (fault !== undefined) {
      undo.unshift(...fault.undo);
      await note();
      await fault.prepare?.();
    }
    return await write(target, schedule, tables, drill && fault && { drill, fault }, options);
  } finally {
    // A start may itself take as long as the platform's patience, but it must come to its end.
    await undoAll(target, undo);
    await clearJournal(options.journal);
  }
}

interface Break {
  readonly drill: WritesDrill;
  readonly fault: Fault;
}

async function write(
  target: DrillTarget,
  schedule: Schedule,
  tables: DrillTables,
  broken: Break | undefined,
  { signal, onPhase }: WritesOptions,
): Promise<Outcome> {
  const timeline = new Timeline();
  const findings: Finding[] = [];
  const budget = broken?.drill.recoverySeconds ?? 30;
  await using writer = await Writer.open(target, schedule, tables, timeline);
  await writer.send(schedule.before, 0, signal);
  if (broken === undefined) await writer.send(schedule.during, 0, signal);
  else
    findings.push(
      ...(await breakWhile(target, writer, schedule, tables, broken, timeline, {
        signal,
        onPhase,
      })),
    );
  await writer.send(batchesOf(schedule) - writer.attempted, 0, signal);
  await writer.finish(budget, signal);
  if (broken) findings.push(...(await reviveSurvivors(target)));
  const expectation = { schedule, tables, acknowledged: writer.acknowledged };
  const look = (): Promise<NodeContent[]> =>
    settledContents(
      () => contentsOf(target, expectation),
      budget - (timeline.now() - (timeline.record().moments.lifted ?? timeline.now())),
      signal,
    );
  let contents = await look();
  if (broken && contents.some(({ unexpected }) => unexpected.length > 0)) {
    findings.push(...(await dropOrphanParts(target, tables.local)));
    contents = await look();
  }
  const whole = writer.acknowledged.size === writer.attempted && contents.every(isWhole);
  if (whole) timeline.mark('recovered');
  const recoverySeconds = timeline.secondsBetween('lifted', 'recovered');
  if (broken) {
    findings.push(
      recoveryFinding(recoverySeconds, budget),
      ...((await broken.fault.recovered?.()) ?? []),
    );
  }
  timeline.mark('ended');
  const account = accountOf(rowsOf(writer, schedule), contents);
  findings.push(...accountFindings(account, contents));
  return {
    ...{ findings, account, timeline: timeline.record() },
    ...(recoverySeconds !== undefined && { recoverySeconds }),
  };
}

/** Breaks the platform while batches are being sent, and lifts the fault afterwards. */
async function breakWhile(
  target: DrillTarget,
  writer: Writer,
  schedule: Schedule,
  tables: DrillTables,
  { drill, fault }: Break,
  timeline: Timeline,
  { signal, onPhase }: Pick<WritesOptions, 'signal' | 'onPhase'>,
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
  if (drill.afterReplication) {
    const acknowledged = new Set(writer.acknowledged);
    await untilReplicated(() => contentsOf(target, { schedule, tables, acknowledged }), stop);
  }
  const first = Math.ceil(schedule.during / 2);
  const both = [writer.send(first, drill.holdSeconds, stop), inject()];
  try {
    await Promise.all(both);
    // These come when the fault is proved, and tell what becomes of writes.
    await writer.send(schedule.during - first, PROVED_SECONDS, stop);
  } catch (error) {
    failed.abort(error);
    // What only asks may go on; what breaks something must have come to its end.
    await injected.catch(() => undefined);
    throw error;
  }
  onPhase('recovery');
  timeline.mark('lifted');
  findings.push(writesFinding(timeline.record(), drill.writes(target)));
  await (fault.lift === undefined ? undoAll(target, fault.undo) : fault.lift());
  findings.push(...(await reviveSurvivors(target)));
  return findings;
}

const rowsOf = (
  writer: Writer,
  { batchRows }: Schedule,
): Pick<Account, 'attempted' | 'acknowledged'> => ({
  attempted: writer.attempted * batchRows,
  acknowledged: writer.acknowledged.size * batchRows,
});
