import { measureCpuPressure } from '@provehouse/infra';
import type { Finding } from '../../verdict.ts';
import { accountFindings, baselineFinding, recoveryFinding } from '../account-findings.ts';
import { accountOf, isWhole, type Account, type NodeContent } from '../account.ts';
import type { Baselines, WritesBaseline } from '../baselines.ts';
import type { WritesDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { DrillRun } from '../drill-result.ts';
import { clearJournal, writeJournal, type FaultJournal } from '../fault-journal.ts';
import type { Guarantee } from '../guarantee.ts';
import { batchesOf, type Schedule } from '../schedule.ts';
import { reviveSurvivors } from '../survivors.ts';
import { Timeline } from '../timeline.ts';
import { undoAll, type Undo } from '../undo.ts';
import { breakWhile, type Break, type Broken } from './break-while.ts';
import { createDrillTables, PREFIX } from './drill-tables.ts';
import { explainLoss, type ExplainedLoss } from './explained-loss.ts';
import { contentsOf } from './node-content.ts';
import { dropOrphanParts } from './orphan-parts.ts';
import { settledContents } from './settled-contents.ts';
import { Writer } from './writer.ts';

export interface WritesOptions {
  readonly journal: FaultJournal;
  readonly signal: AbortSignal;
  readonly baselines: Baselines;
  /** What inserts ask for; the drill's own guarantee by default. */
  readonly guarantee?: Guarantee;
  /** Told what is being done. */
  readonly onPhase: (phase: string) => void;
}

/**
 * Runs a drill's workload with its fault, and before that without one, unless a drill before has done so.
 * @throws when the platform cannot be put right
 */
export async function runWritesDrill(
  drill: WritesDrill,
  target: DrillTarget,
  schedule: Schedule,
  options: WritesOptions,
): Promise<DrillRun> {
  const guarantee = options.guarantee ?? drill.guarantee;
  const run = { target, schedule, guarantee, options };
  const before = await options.baselines.writes[guarantee].of(() => {
    options.onPhase('the workload without the fault');
    return runWrites(run);
  });
  const refused = before.timeline.attempts.filter(({ accepted }) => !accepted);
  const baseline = before.account;
  const sane = baselineFinding(baseline, refused);
  if (sane.status !== 'passed')
    return { ...before, guarantee, baseline, findings: [sane, ...before.findings] };
  const broken = await runWrites(run, drill);
  return { ...broken, guarantee, baseline, findings: [sane, ...broken.findings] };
}

interface Run {
  readonly target: DrillTarget;
  readonly schedule: Schedule;
  readonly guarantee: Guarantee;
  readonly options: WritesOptions;
}

/** One run of the workload on tables of its own, which are gone afterwards. */
async function runWrites(run: Run, drill?: WritesDrill): Promise<WritesBaseline> {
  const { target, schedule, guarantee, options } = run;
  const id = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  const names = [`${PREFIX}${id}`, `${PREFIX}${id}_local`];
  const undo: Undo[] = [{ kind: 'tables', names }];
  const note = (): Promise<void> => writeJournal(options.journal, drill?.name ?? 'writes', undo);
  await note();
  try {
    const tables = await createDrillTables(target, id);
    const timeline = new Timeline();
    await using writer = await Writer.open(target, schedule, tables, guarantee, timeline);
    const fault = await drill?.fault(target, schedule, tables.local, writer);
    if (fault !== undefined) {
      undo.unshift(...fault.undo);
      await note();
      await fault.prepare?.();
    }
    timeline.restart();
    return await write(run, { writer, tables, timeline }, drill && fault && { drill, fault });
  } finally {
    // A start may itself take as long as the platform's patience, but it must come to its end.
    await undoAll(target, undo);
    await clearJournal(options.journal);
  }
}

async function write(
  { target, schedule, guarantee, options: { signal, onPhase } }: Run,
  { writer, tables, timeline }: Pick<Broken, 'writer' | 'tables' | 'timeline'>,
  broken: Break | undefined,
): Promise<WritesBaseline> {
  const findings: Finding[] = [];
  const pressure = measureCpuPressure();
  const budget = broken?.drill.recoverySeconds ?? 30;
  await writer.send(schedule.before, 0, signal);
  const endangered = { first: writer.attempted, end: writer.attempted };
  if (broken === undefined) await writer.send(schedule.during, 0, signal);
  else {
    const during = { writer, schedule, tables, timeline, signal };
    findings.push(...(await breakWhile(target, broken, during, onPhase)));
    endangered.end = writer.attempted;
  }
  await writer.send(batchesOf(schedule) - writer.attempted, 0, signal);
  await writer.finish(budget, signal);
  if (broken) findings.push(...(await reviveSurvivors(target)));
  const expectation = { schedule, tables, acknowledged: writer.acknowledged };
  const explain = async (contents: readonly NodeContent[]): Promise<ExplainedLoss | undefined> => {
    const loss = guarantee === 'single' ? broken?.drill.knownLoss : undefined;
    const rows = { table: tables.local, contents, endangered, batchRows: schedule.batchRows };
    return loss && explainLoss(target, loss, rows);
  };
  const look = (): Promise<NodeContent[]> =>
    settledContents(
      () => contentsOf(target, expectation),
      budget - (timeline.now() - (timeline.record().moments.lifted ?? timeline.now())),
      signal,
      async (contents) => (await explain(contents)) !== undefined,
    );
  let contents = await look();
  if (broken && contents.some(({ unexpected }) => unexpected.length > 0)) {
    findings.push(...(await dropOrphanParts(target, tables.local)));
    contents = await look();
  }
  const explained = await explain(contents);
  const accepted = writer.acknowledged.size === writer.attempted;
  const isSettled = (content: NodeContent): boolean =>
    isWhole(explained ? { ...content, missing: [] } : content);
  if (accepted && contents.every(isSettled)) timeline.mark('recovered');
  const recoverySeconds = timeline.secondsBetween('lifted', 'recovered');
  if (broken) {
    findings.push(
      recoveryFinding(recoverySeconds, budget, pressure()),
      ...((await broken.fault.recovered?.()) ?? []),
    );
  }
  timeline.mark('ended');
  const account = accountOf(rowsOf(writer, schedule), contents);
  findings.push(...accountFindings(account, contents, { guarantee, explained }));
  return {
    ...{ findings, account, timeline: timeline.record() },
    ...(recoverySeconds !== undefined && { recoverySeconds }),
  };
}

const rowsOf = (
  writer: Writer,
  { batchRows }: Schedule,
): Pick<Account, 'attempted' | 'acknowledged'> => ({
  attempted: writer.attempted * batchRows,
  acknowledged: writer.acknowledged.size * batchRows,
});
