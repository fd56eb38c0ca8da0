import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { interruption, nativeRuntime } from '@provehouse/infra';
import { drillResultsOf, DRILL_NAMES, type DrillOutcome } from './drill-outcome.ts';
import { Random } from '../bench/soak/random.ts';

const HELP = `npm run test:soak -- [--minutes <count>] [--seed <number>]

Runs drills in random order, each with a seed of its own, on a platform that it starts, until the time is
over (default: 30 minutes) or a drill fails. A failure ends it at once: the folder with the logs stays and
is named. The seed (default: 1) repeats the order and the seeds of the drills. Exit codes: 0 nothing
failed, 1 a drill failed or proved nothing, 2 it could not run, 130 interrupted.
`;

const NAME = 'soak';
const VERIFY = join(import.meta.dirname, '../../packages/verify/src/cli.ts');
const LARGEST_SEED = 2 ** 31 - 1;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const options = optionsOf(words);
  if (options === undefined) {
    process.stderr.write(
      `Expected --minutes from 1 to 1440 and a whole number as --seed, found ${words.join(' ')}.\n`,
    );
    return 2;
  }
  const { minutes, seed } = options;
  const home = await mkdtemp(join(tmpdir(), 'provehouse-soak-'));
  const runtime = nativeRuntime({ home, name: NAME });
  const interrupted = interruption();
  const stop = AbortSignal.any([interrupted, AbortSignal.timeout(minutes * 60_000)]);
  let failed: DrillOutcome | undefined;
  const counts = new Map<string, number>();
  try {
    await runtime.up({ signal: interrupted });
    const random = new Random(seed, 'drills');
    while (!stop.aborted && failed === undefined) {
      const drill = random.of(DRILL_NAMES);
      const own = Math.floor(random.between(1, LARGEST_SEED));
      const outcome = await runOne(home, drill, own);
      if (interrupted.aborted) break;
      process.stdout.write(`${outcome.drill} --seed ${outcome.seed}: ${outcome.status}\n`);
      counts.set(outcome.drill, (counts.get(outcome.drill) ?? 0) + 1);
      if (outcome.isBad) failed = outcome;
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  } finally {
    await runtime.down({ purge: failed === undefined });
    if (failed === undefined) await rm(home, { recursive: true });
  }
  const runs = [...counts.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${runs} drills, ${counts.size} of ${DRILL_NAMES.length} kinds, seed ${seed}.\n`,
  );
  if (failed !== undefined) {
    process.stderr.write(`${failed.said}\nThe logs are in ${join(home, NAME, 'logs')}.\n`);
    return 1;
  }
  return interrupted.aborted ? 130 : 0;
}

function optionsOf(words: readonly string[]): { minutes: number; seed: number } | undefined {
  const { values } = parseArgs({
    args: [...words],
    strict: false,
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
    },
  });
  const unknown = Object.keys(values).filter((name) => name !== 'minutes' && name !== 'seed');
  const [minutes, seed] = [Number(values['minutes']), Number(values['seed'])];
  const valid = minutes >= 1 && minutes <= 1440 && Number.isInteger(seed) && unknown.length === 0;
  return valid ? { minutes, seed } : undefined;
}

/** Runs one drill by the command that people use. */
async function runOne(home: string, drill: string, seed: number): Promise<DrillOutcome> {
  const words = [VERIFY, 'drill', drill, '--seed', String(seed), '--home', home, '--name', NAME];
  // In a group of its own it does not hear Ctrl-C: it comes to its end, and the platform is whole then.
  const child = spawn(process.execPath, [...words, '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [json, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return drillResultsOf({ drill, seed, json, said, code: Number(code) });
}
