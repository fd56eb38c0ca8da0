import { randomInt } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import {
  connectTopics,
  interruption,
  openBackupPlace,
  openRuntime,
  runtimeInUse,
  wholeNumber,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import { connectAirflow } from '@provehouse/infra/airflow';
import { Command, Option } from 'commander';
import { ProvehouseError } from '@provehouse/secrets';
import { exitCodeOf } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { Baselines } from '../drills/baselines.ts';
import type { Drill } from '../drills/drill.ts';
import type { DrillTarget } from '../drills/drill-target.ts';
import { drillsFolder } from '../drills/drills-folder.ts';
import { commandRuntime, readFaultCommands } from '../drills/fault-commands.ts';
import { clearJournal, readJournal } from '../drills/fault-journal.ts';
import { GUARANTEES, type Guarantee } from '../drills/guarantee.ts';
import { drills } from '../drills/index.ts';
import type { DrillResult } from '../drills/drill-result.ts';
import { runDrill } from '../drills/run-drill.ts';
import { undoAll } from '../drills/undo.ts';
import { writeDrillReport } from '../report/drill-report.ts';
import { readTarget, withTargetOptions, type TargetOptions } from '../target.ts';
import { renderDrills } from './drill-table.ts';
import { paintFor } from './verdict-table.ts';

interface DrillFlags extends TargetOptions {
  readonly all: boolean;
  readonly list: boolean;
  readonly restore: boolean;
  readonly seed?: number;
  readonly guarantee?: Guarantee;
  readonly faultCommands?: string;
  readonly json: boolean;
}

/** Thrown when no drill can be run as it was asked for. */
export class DrillError extends ProvehouseError {
  override readonly name = 'DrillError';
}

/**
 * The command that breaks a platform and proves that nothing is lost. It sets the exit code 0 or 1; what
 * could not run is thrown, for the program to print and to exit with 2.
 */
export const drill = withTargetOptions(
  new Command('drill')
    .description('Break a running platform on purpose, and account for every row.')
    .argument('[names...]', 'drills to run'),
)
  .option('--all', 'run all drills', false)
  .option('--list', 'list the drills', false)
  .option('--seed <number>', 'what decides who is hit and when (default: drawn)', wholeNumber)
  .addOption(
    new Option(
      '--guarantee <guarantee>',
      'what inserts ask for: that a quorum of replicas has the rows, or a single one (default: what each drill says)',
    ).choices(GUARANTEES),
  )
  .option(
    '--fault-commands <file>',
    'how components of a platform that somebody else runs are broken (YAML); with --deployment',
  )
  .option('--restore', 'put a platform right that a drill has left broken', false)
  .option('--json', 'print the results as JSON', false)
  .addHelpText(
    'after',
    () =>
      `\nDrills:\n${listDrills()}\n\nExit codes: 0 nothing was lost, 1 something was or a drill proved nothing, 2 could not run, 130 interrupted.`,
  )
  .exitOverride()
  .action(async (names: string[], flags: DrillFlags) => {
    if (flags.list) process.stdout.write(`${listDrills()}\n`);
    else process.exitCode = await runDrills(selectDrills(names, flags), flags);
  });

/** The drills that are asked for. @throws DrillError for none, or for a name that no drill has */
function selectDrills(names: readonly string[], { all, restore }: DrillFlags): readonly Drill[] {
  const unknown = names.filter((name) => !drills.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new DrillError(`There is no drill ${unknown.join(', ')}. Drills:\n${listDrills()}`);
  }
  if (all && names.length > 0)
    throw new DrillError('Expected --all or names of drills, found both.');
  if (!all && !restore && names.length === 0) {
    throw new DrillError(`Expected names of drills, or --all. Drills:\n${listDrills()}`);
  }
  return all ? drills : drills.filter(({ name }) => names.includes(name));
}

async function runDrills(selected: readonly Drill[], flags: DrillFlags): Promise<number> {
  await using target = await openTarget(flags);
  const folder = drillsFolder(flags);
  const { journal } = folder;
  const cut = await readJournal(journal);
  if (cut !== undefined) {
    say(`The drill ${cut.drill} was cut off: putting the platform right.`);
    await undoAll(target, cut.undo);
    await clearJournal(journal);
  }
  if (flags.restore && selected.length === 0) {
    say(cut === undefined ? 'There is nothing to put right.' : 'The platform is right again.');
    return 0;
  }
  const seed = flags.seed ?? randomInt(2 ** 31);
  say(`Seed ${seed}: --seed ${seed} repeats the schedule.`);
  const signal = interruption(() => {
    say('Interrupted: putting the platform right.');
    return new DrillError('Interrupted.');
  }, 'once');
  const { guarantee } = flags;
  const baselines = new Baselines();
  const wishes = { seed, journal, signal, baselines, ...(guarantee && { guarantee }) };
  const results: DrillResult[] = [];
  try {
    for (const each of selected) {
      const onPhase = (phase: string): void => void say(`· ${each.name}: ${phase}`);
      results.push(await runDrill(each, target, { ...wishes, onPhase }));
      say(renderDrills(results.slice(-1), paintFor(process.stderr)).split('\n')[0] ?? '');
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    say('Interrupted. The platform is right again.');
    return 130;
  }
  await rm(folder.root, { recursive: true, force: true });
  await mkdir(folder.root, { recursive: true });
  await writeFile(folder.results, `${JSON.stringify({ seed, results }, null, 2)}\n`);
  const report = await writeDrillReport(folder, target.deployment, seed, results);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ seed, results }, null, 2)}\n`
      : `${renderDrills(results, paintFor(process.stdout))}\n\nReport: ${report}\n`,
  );
  return exitCodeOf(results);
}

/** The platform with all that a drill needs of it. @throws DrillError for one that may not be broken */
async function openTarget(flags: DrillFlags): Promise<DrillTarget & AsyncDisposable> {
  const { deployment, contract, secrets, administrator } = await readTarget(flags);
  const runtime = await runtimeOf(deployment, flags);
  const cluster = connectCluster(deployment, administrator);
  const key = secrets['minio_root_password'];
  return {
    ...{ deployment, contract, cluster, account: administrator },
    runtime,
    ...(deployment.airflow && { airflow: connectAirflow(deployment, secrets) }),
    ...(deployment.kafka &&
      secrets['kafka_password'] !== undefined && { topics: connectTopics(deployment, secrets) }),
    ...(deployment.storage &&
      key !== undefined && { backups: () => openBackupPlace(deployment, administrator, key) }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

/** What breaks the platform: Provehouse itself what it has started, or somebody's own commands. */
async function runtimeOf(deployment: Deployment, flags: DrillFlags): Promise<Runtime> {
  const { faultCommands, deployment: file, home } = flags;
  if (faultCommands !== undefined) {
    if (file === undefined) {
      throw new DrillError('--fault-commands: expected --deployment with it, found none.');
    }
    const commands = await readFaultCommands(faultCommands, deployment);
    say(`${deployment.name} is broken with the commands of ${faultCommands}.`);
    return commandRuntime(deployment, commands, faultCommands);
  }
  const place = { home, name: deployment.name };
  const inUse = await runtimeInUse(place);
  if (deployment.runtime === 'external' || inUse === undefined || file !== undefined) {
    throw new DrillError(
      `Expected a platform that Provehouse has started, found ${file ?? deployment.name} (${deployment.runtime}). ` +
        'Drills break what they are run on: name the platform with --name and --home, after infra:up, ' +
        'or say with --fault-commands how it is broken.',
    );
  }
  return openRuntime(inUse, place);
}

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

function listDrills(): string {
  const width = Math.max(...drills.map(({ name }) => name.length));
  return drills.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}
