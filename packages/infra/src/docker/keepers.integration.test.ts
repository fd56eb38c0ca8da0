import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { askHealth, freeze } from '../../test/container-health.ts';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { KEEPERS as COUNT, keeperNames } from '../clickhouse/keeper-config.ts';
import { containersOf } from './containers.ts';
import { docker } from './engine.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const KEEPERS = keeperNames(COUNT);
const [first = '', ...others] = KEEPERS;
const SOON = { timeout: 60_000, interval: 500 };

let ensemble: ContainerPlatform | undefined;
beforeAll(async () => {
  if (obstacle === undefined) ensemble = await startEnsemble();
});
afterAll(() => ensemble?.[Symbol.asyncDispose]());

/** Three Keepers and one node. */
async function startEnsemble(): Promise<ContainerPlatform> {
  await using started = new AsyncDisposableStack();
  const platform = started.use(await containerPlatform());
  const options = { shards: 1, replicas: 1, without: ['airflow'] } as const;
  await platform.runtime.up({ ...options, ports: platform.portsFor(options) });
  started.move();
  return platform;
}

/** The ensemble of these tests. @throws RangeError when there is none */
function running(): ContainerPlatform {
  if (ensemble === undefined) throw new RangeError('the ensemble was not started');
  return ensemble;
}

const container = (keeper: string): string => `provehouse-${running().name}-${keeper}`;

/** Stops Keepers; they are there again when what is given is disposed of. */
async function stop(keepers: readonly string[]): Promise<AsyncDisposable> {
  const { runtime } = running();
  await Promise.all(keepers.map((keeper) => runtime.stop(keeper)));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(keepers.map((keeper) => runtime.start(keeper)));
    },
  };
}

/** Addresses of Keepers in the network of the containers. */
async function addressesOf(keepers: readonly string[]): Promise<string[]> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return Promise.all(
    keepers.map((keeper) => docker(['inspect', '--format', format, container(keeper)])),
  );
}

/** Which of the Keepers their own health checks call healthy. */
async function healthy(keepers: readonly string[] = KEEPERS): Promise<string[]> {
  const asked = await Promise.all(
    keepers.map(async (keeper) => ({ keeper, ...(await askHealth(container(keeper))) })),
  );
  return asked.filter((health) => health.healthy).map(({ keeper }) => keeper);
}

test('Keepers that have a majority with them are healthy', async () => {
  expect(await healthy()).toEqual(KEEPERS);
  {
    await using _stopped = await stop([first]);
    await expect.poll(() => healthy(others), SOON).toEqual(others);
  }
  expect(await healthy()).toEqual(KEEPERS);
});

test('a Keeper that has lost the two others is unhealthy though it runs', async () => {
  {
    await using _stopped = await stop(others);
    await expect.poll(() => healthy([first]), SOON).toEqual([]);
    const seen = async (): Promise<unknown> =>
      (await containersOf(running().name)).find(({ component }) => component === first);
    await expect.poll(seen, SOON).toMatchObject({ state: 'running', health: 'unhealthy' });
  }
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});

test('Keepers that get the addresses of each other are an ensemble again', async () => {
  const { runtime } = running();
  const before = await addressesOf(others);
  await Promise.all(others.map((keeper) => runtime.stop(keeper)));
  // The engine gives the lowest address that is free.
  const [low = '', high = ''] = others.toSorted(
    (left, right) =>
      lastNumber(before[others.indexOf(left)]) - lastNumber(before[others.indexOf(right)]),
  );
  await runtime.start(high);
  await runtime.start(low);
  expect(await addressesOf(others)).toEqual(before.toReversed());
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});

const lastNumber = (address = ''): number => Number(address.split('.').at(-1));

test('a Keeper that hangs is unhealthy, the two others are not', async () => {
  {
    await using _frozen = await freeze(container(first));
    expect(await healthy([first])).toEqual([]);
    await expect.poll(() => healthy(others), SOON).toEqual(others);
  }
  await expect.poll(() => healthy(), SOON).toEqual(KEEPERS);
});
