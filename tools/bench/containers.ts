import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseCluster } from '@provehouse/clickhouse-cluster';
import {
  cacheFolder,
  createTopology,
  dockerRuntime,
  type Deployment,
  type Progress,
  interruption,
} from '@provehouse/infra';
import { docker } from '../offline/images/docker.ts';
import { COMPARISON_HEADING, comparisonRow } from './comparison.ts';
import { composeFile, composeFileSources, nodesOnly } from './compose-file.ts';
import { COMPOSE_VERSION, composeProgram } from './compose-program.ts';
import { ComposeProject, writeSources } from './compose.ts';
import { freePorts } from './free-ports.ts';
import { machine, seconds } from './measure.ts';
import { benchOptions } from './options.ts';
import { statedContainers } from './terraform-state.ts';

/**
 * Measures the platform in containers and a disposable cluster beside Docker Compose with the same
 * containers: `node tools/bench/containers.ts [--runs 5]`. Images must be present; the first start, of
 * which the compose file is made, is not counted. Ctrl-C removes everything.
 */
const { runs } = benchOptions('Measures containers beside Docker Compose.', { runs: 5 });

// The cluster removes itself, and fetching the reaper's image is no part of what is measured.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

const signal = interruption();
signal.addEventListener('abort', () => note('Interrupted: removing what is there …'), {
  once: true,
});

/** Seconds of this project and of compose, by what was done. */
const taken = {
  up: { own: [] as number[], peer: [] as number[] },
  healthy: { own: [] as number[] },
  again: { own: [] as number[], peer: [] as number[] },
  down: { own: [] as number[], peer: [] as number[] },
  cluster: { own: [] as number[], peer: [] as number[] },
  removal: { own: [] as number[], peer: [] as number[] },
};

try {
  await measure();
} catch (error) {
  const interrupted = signal.aborted && !(error instanceof SuppressedError);
  if (!interrupted) for (const one of allErrors(error)) note(String(one));
  process.exitCode = interrupted ? 130 : 1;
}

async function measure(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
  cleanup.defer(() => rm(home, { recursive: true }));
  const program = await composeProgram({ cache: cacheFolder(process.env), progress: note });
  const name = `bench-${randomBytes(3).toString('hex')}`;
  note(`Everything in the engine is called after ${name}.`);
  const runtime = dockerRuntime({ home, name });
  const nodeNames = createTopology({}).nodes.map((node) => node.name);
  const ports = await freePorts([
    ...nodeNames.flatMap((node) => [`${node}.http`, `${node}.native`]),
    ...['postgres', 'redis', 'airflow', 'flower'],
  ]);

  cleanup.defer(() => runtime.down({ purge: true }));
  let healthyAt = 0;
  const progress: Progress = {
    message() {},
    waiting() {},
    ready: () => (healthyAt = performance.now()),
    gone() {},
  };
  const up = (): Promise<Deployment> => runtime.up({ ports, signal, progress });
  const deployment = await up();
  const containers = statedContainers(
    await readFile(join(runtime.directory, 'terraform/terraform.tfstate'), 'utf8'),
  );
  const files = join(home, 'files');
  await writeSources(composeFileSources(containers, files));
  const content = composeFile(name, containers, files);
  const platform = new ComposeProject(program, `${name}-compose`, join(home, 'platform.json'));
  await platform.write(content);
  cleanup.defer(() => platform.down());
  const nodes = new ComposeProject(program, `${name}-nodes`, join(home, 'nodes.json'));
  await nodes.write(nodesOnly(content));
  cleanup.defer(() => nodes.down());
  await runtime.down({ purge: true });

  const nodeImage = containers.find(({ kind }) => kind === 'clickhouse')?.reference;
  const rounds = {
    async ownPlatform(): Promise<void> {
      const begin = performance.now();
      await timed(taken.up.own, up);
      taken.healthy.own.push((healthyAt - begin) / 1000);
      await timed(taken.again.own, up);
      await timed(taken.down.own, () => runtime.down({ purge: true }));
    },
    async composePlatform(): Promise<void> {
      await timed(taken.up.peer, () => platform.up(signal));
      await timed(taken.again.peer, () => platform.up(signal));
      await timed(taken.down.peer, () => platform.down());
    },
    async ownCluster(): Promise<void> {
      const described = new ClickHouseCluster(nodeImage).withKeepers(0);
      const begin = performance.now();
      await using cluster = await described.start({ signal });
      taken.cluster.own.push((performance.now() - begin) / 1000);
      await timed(taken.removal.own, () => cluster.stop());
    },
    async composeCluster(): Promise<void> {
      await timed(taken.cluster.peer, () => nodes.up(signal));
      await timed(taken.removal.peer, () => nodes.down());
    },
  };
  for (let run = 0; run < runs; run += 1) {
    const order = [rounds.ownPlatform, rounds.composePlatform];
    const clusters = [rounds.ownCluster, rounds.composeCluster];
    // Nobody is always the second, who finds everything in the machine's memory.
    const turned =
      run % 2 === 1 ? [...order.reverse(), ...clusters.reverse()] : [...order, ...clusters];
    for (const round of turned) {
      signal.throwIfAborted();
      await round();
    }
    note(`${run + 1} of ${runs}: ${latest()}`);
  }
  await report(deployment, containers.length);
}

async function report(deployment: Deployment, containerCount: number): Promise<void> {
  const engine = await docker(['version', '--format', '{{.Server.Version}}']);
  const versions = [
    `Docker ${engine}`,
    `Docker Compose ${COMPOSE_VERSION}`,
    `ClickHouse ${deployment.clickhouse.version}`,
    `Airflow ${deployment.airflow?.version ?? 'none'}`,
    `PostgreSQL ${deployment.postgres?.version ?? 'none'}`,
    `Valkey ${deployment.redis?.version ?? 'none'}`,
  ];
  const standIns = Object.entries(deployment.standIns ?? {}).map(
    ([image, what]) => `${image}: ${what}`,
  );
  const rows = [
    { what: `\`infra:up\` of ${containerCount} containers, volumes empty`, ...taken.up, goal: 45 },
    { what: 'of that, until the last container is healthy', ...taken.healthy, peer: taken.up.peer },
    { what: '`infra:up` again, nothing changed', ...taken.again, goal: 5 },
    { what: '`infra:down --purge`', ...taken.down },
    { what: 'disposable cluster, 2 × 2, no Keepers', ...taken.cluster, goal: 6 },
    { what: 'its removal', ...taken.removal },
  ];
  process.stdout.write(
    `${machine()}; ${versions.join(', ')}\n` +
      (standIns.length > 0 ? `Stand-ins: ${standIns.join('; ')}\n` : '') +
      `${COMPARISON_HEADING}\n${rows.map(comparisonRow).join('\n')}\n\n` +
      '`infra:up` also makes databases and connections and waits until the DAG files are parsed; ' +
      'compose runs jobs that have ended again at every `up`.\n',
  );
}

/** Adds the seconds that an action takes. */
async function timed(list: number[], action: () => Promise<unknown>): Promise<void> {
  list.push(...(await seconds(1, action)));
}

/** The figures of the latest run: this project's / compose's. */
function latest(): string {
  const parts = Object.entries(taken).map(([what, figures]) => {
    const shown = Object.values(figures).map((list: number[]) => list.at(-1)?.toFixed(1));
    return `${what} ${shown.join(' / ')} s`;
  });
  return parts.join(', ');
}

/** What failed, and what failed when it was cleaned up after: Node shows no error inside another. */
function allErrors(error: unknown): unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...allErrors(error.suppressed), ...allErrors(error.error)];
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
