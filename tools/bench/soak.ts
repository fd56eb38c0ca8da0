import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { interruption, nativeRuntime } from '@provehouse/infra';
import { machine } from './measure.ts';
import { accountOf, type SoakAccount } from './soak/account.ts';
import { breakThings } from './soak/faults.ts';
import { courseOf, watchMemory } from './soak/memory.ts';
import { Random } from './soak/random.ts';
import { createSoakTables, GUARANTEES, soakedCluster } from './soak/soaked-cluster.ts';
import { disturb, write } from './soak/workload.ts';

/**
 * Soaks the replicating embedded engine: `node tools/bench/soak.ts [--minutes 30] [--seed 1]`. While
 * batches are written, with a quorum and without, it kills, freezes and cuts off nodes and coordinators,
 * and gives mutations, merges and statements ON CLUSTER. Ends with 1 when a node ended by itself, a row
 * was lost or doubled, replicas differ, or memory grew by more than a quarter once caches were warm: from
 * the second third of the time to the last one.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0 && minutes <= 240) || !Number.isInteger(seed)) {
  throw new RangeError('Expected --minutes from 0 to 240 and a whole number as --seed.');
}
const GROWTH = 1.25;

const home = await mkdtemp(join(tmpdir(), 'provehouse-soak-'));
const runtime = nativeRuntime({ home, name: 'soak' });
const begin = Date.now();
const note = (text: string): void => {
  process.stderr.write(`${((Date.now() - begin) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
};
process.exitCode = 1;
const interrupted = interruption();

try {
  const deployment = await runtime.up({ replication: 'keeper', without: ['airflow'] });
  await using soaked = await soakedCluster(runtime, deployment);
  await createSoakTables(soaked);
  const stop = AbortSignal.any([interrupted, AbortSignal.timeout(minutes * 60_000)]);
  const [broken, disturbances, samples, ...sent] = await Promise.all([
    breakThings(soaked, new Random(seed, 'faults'), stop, note),
    disturb(soaked, new Random(seed, 'statements'), stop),
    watchMemory(runtime, stop),
    ...GUARANTEES.map((guarantee) => write(soaked, guarantee, new Random(seed, guarantee), stop)),
  ]);
  note('every fault is lifted; waiting for the replicas');
  await delay(15_000);
  const accounts: SoakAccount[] = [];
  for (const [index, guarantee] of GUARANTEES.entries()) {
    const written = sent[index];
    if (written === undefined) continue;
    accounts.push(await accountOf(soaked, guarantee, written));
    for (const [said, times] of written.refusals) note(`${guarantee}: ${times} × ${said}`);
  }
  const courses = courseOf(samples);
  const faults = [...broken.faults].map(([fault, times]) => `${times} × ${fault}`).join(', ');
  process.stdout.write(
    `${machine()}; ClickHouse ${deployment.clickhouse.version}; ${minutes} min, seed ${seed}\n` +
      `Faults: ${faults}; ${disturbances} merges, mutations and statements ON CLUSTER\n` +
      `Ended by themselves: ${broken.endedByThemselves.join(', ') || 'none'}\n\n` +
      '| inserts | acknowledged rows | lost | doubled | replicas that differ |\n|---|---|---|---|---|\n' +
      accounts
        .map(
          ({ guarantee, acknowledged, lost, doubled, different }) =>
            `| ${guarantee} | ${acknowledged} | ${lost} | ${doubled} | ${different.join(', ') || 'none'} |\n`,
        )
        .join('') +
      '\n| memory of its own | first third, median | second third | last third | last ÷ second | maximum | unit |\n|---|---|---|---|---|---|---|\n' +
      courses
        .map(
          ({ kind, thirds: [first, second, last], maximum }) =>
            `| ${kind} | ${first.toFixed(0)} | ${second.toFixed(0)} | ${last.toFixed(0)} | ${(last / second).toFixed(2)} | ${maximum.toFixed(0)} | MiB |\n`,
        )
        .join(''),
  );
  const sound =
    broken.endedByThemselves.length === 0 &&
    accounts.every(
      ({ lost, doubled, different }) => lost === 0 && doubled === 0 && different.length === 0,
    ) &&
    courses.every(({ thirds: [, second, last] }) => last <= second * GROWTH);
  process.exitCode = sound ? 0 : 1;
} finally {
  if (process.exitCode === 0) {
    await runtime.down({ purge: true });
    await rm(home, { recursive: true });
  } else {
    await runtime.down();
    note(`data and logs are kept in ${home}`);
  }
}
