import { expect, test } from 'vitest';
import { airflowThat, send } from '../../test/airflow-server.ts';
import { FlowerClient } from './flower-client.ts';

// A real Flower cannot be made to have others ask at the same moment, so a small server stands in.

const INSPECTION_MS = 1_100;

/** What Flower does with a call: how long it takes, and when each worker answered last, as it says then. */
interface Answer {
  readonly refresh: boolean;
  readonly takesMs?: number;
  readonly timestamps: Readonly<Record<string, number>>;
}

/** The workers of a Flower that answers each call in turn, and whether each of them answers. */
async function workersOf(answers: readonly Answer[]): Promise<Record<string, boolean>> {
  const left = [...answers];
  const url = await airflowThat((request, response) => {
    const next = left.shift() ?? expect.fail('one call too many');
    expect(request.url).toBe(next.refresh ? '/api/workers?refresh=true' : '/api/workers');
    const data = Object.fromEntries(
      Object.entries(next.timestamps).map(([name, timestamp]) => [name, { timestamp }]),
    );
    setTimeout(() => send(response, 200, data), next.takesMs ?? 0);
  });
  const workers = await new FlowerClient(url, { username: 'flower', password: 'x' }).workers();
  expect(left).toEqual([]);
  return Object.fromEntries(workers.map(({ name, answers: answered }) => [name, answered]));
}

test('a worker answers when Flower writes down an answer during the call, however new its last one is', async () => {
  const workers = await workersOf([
    { refresh: false, timestamps: { alive: 10.5, dead: 10.5 } },
    {
      refresh: true,
      takesMs: INSPECTION_MS,
      timestamps: { alive: 11.6, dead: 10.5, started: 11.6 },
    },
  ]);
  expect(workers).toEqual({ alive: true, dead: false, started: true });
});

test('answers that others had asked for before do not count', async () => {
  const workers = await workersOf([
    { refresh: false, timestamps: { alive: 1, dead: 1 } },
    { refresh: true, takesMs: 200, timestamps: { alive: 10.5, dead: 10.5 } },
    { refresh: true, takesMs: INSPECTION_MS, timestamps: { alive: 11.6, dead: 10.5 } },
  ]);
  expect(workers).toEqual({ alive: true, dead: false });
});
