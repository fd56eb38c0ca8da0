import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRuntime, parseDeployment, type Runtime } from '@provehouse/infra';
import { parseContract } from '../src/contract/read-contract.ts';
import { connectCluster } from '../src/clickhouse/connect-cluster.ts';
import type { DrillTarget } from '../src/drills/drill-target.ts';
import { CONTRACT_FILE, type TestCluster } from './test-cluster.ts';

const EXAMPLE = join(import.meta.dirname, '../examples/external-deployment.json');
/** An address at which nothing answers. */
const NOWHERE = { host: '127.0.0.1', httpPort: 1, nativePort: 1 };

/** A real cluster as what drills are run on. */
export const realTarget = ({
  runtime,
  deployment,
  contract,
  cluster,
  secrets,
}: TestCluster): DrillTarget => ({
  ...{ deployment, contract, cluster },
  account: { user: secrets.super_user_name, password: secrets.super_user_password },
  runtime: openRuntime('native', { home: dirname(runtime.directory), name: deployment.name }),
});

/** A platform that is not there: its components have states alone, and what is done to them is noted. */
export function imaginaryTarget(down: readonly string[] = []): {
  readonly target: DrillTarget;
  readonly done: readonly string[];
} {
  const example = parseDeployment(readFileSync(EXAMPLE, 'utf8'), EXAMPLE);
  const nodes = example.clickhouse.nodes.map((node) => ({ ...node, ...NOWHERE }));
  const deployment = { ...example, clickhouse: { ...example.clickhouse, nodes } };
  const states = new Map(deployment.clickhouse.nodes.map(({ name }) => [name, 'ready']));
  for (const name of down) states.set(name, 'stopped');
  const done: string[] = [];
  const become = (state: string, deed: string) => (component: string) => {
    done.push(`${deed} ${component}`);
    states.set(component, state);
    return Promise.resolve();
  };
  const never = (): never => {
    throw new RangeError('no drill does this');
  };
  const runtime: Runtime = {
    directory: dirname(EXAMPLE),
    status: () =>
      Promise.resolve([...states].map(([name, state]) => ({ name, state, kind: 'clickhouse' }))),
    start: become('ready', 'start'),
    stop: become('stopped', 'stop'),
    kill: become('ended by a signal', 'kill'),
    freeze: become('not answering', 'freeze'),
    thaw: become('ready', 'thaw'),
    ...{ up: never, down: never, logCommand: never, restart: never, restartAll: never },
  };
  const account = { user: 'nobody', password: '' };
  const contract = parseContract(readFileSync(CONTRACT_FILE, 'utf8'), CONTRACT_FILE);
  const cluster = connectCluster(deployment, account);
  return { target: { deployment, contract, account, cluster, runtime }, done };
}
