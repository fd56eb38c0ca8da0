import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProvehouseError } from '@provehouse/secrets';
import type { VerifiedRun } from '../output/outputs.ts';
import { overall } from '../check-run.ts';
import type { Status, Verdict } from '../verdict.ts';
import { watchCluster } from './watch-cluster.ts';

const run = (statuses: Readonly<Record<string, Status>>): VerifiedRun => {
  const verdicts = Object.entries(statuses).map(([check, status]): Verdict => ({
    ...{ check, status, title: `Title of ${check}`, durationMs: 1 },
    findings: [{ status, expected: 'it', observed: `seen of ${check}` }],
  }));
  return {
    ...{ deployment: 'dwh', durationMs: 1, nodes: [], verdicts },
    status: overall(verdicts),
  };
};

type Outcome = VerifiedRun | Error;

/** Watches until there are no outcomes left; gives the messages that were sent. */
async function watched(
  outcomes: readonly Outcome[],
  send: (text: string, count: number) => void = () => undefined,
  history?: string,
): Promise<string[]> {
  const end = new AbortController();
  const left = [...outcomes];
  const sent: string[] = [];
  let tries = 0;
  await watchCluster({
    async verify() {
      const next = left.shift();
      if (left.length === 0) end.abort();
      if (next instanceof Error) throw next;
      if (next === undefined) throw new RangeError('there are no outcomes left');
      return next;
    },
    async send(text) {
      tries += 1;
      send(text, tries);
      sent.push(text);
    },
    ...{ everySeconds: 0, history, signal: end.signal },
    onRun: () => undefined,
    tell: () => undefined,
  });
  return sent;
}

test('a cluster on which nothing changes is not spoken of', async () => {
  const sound = run({ spread: 'passed', ttl: 'skipped' });
  expect(await watched([sound, sound, sound])).toEqual([]);
});

test('what becomes wrong is said once, and that it is right again', async () => {
  const sound = run({ spread: 'passed', content: 'passed', ttl: 'skipped' });
  const broken = run({ spread: 'passed', content: 'failed', ttl: 'passed' });
  expect(await watched([sound, broken, broken, sound])).toEqual([
    'dwh is failed.\n• passed → failed: Title of content (content): seen of content',
    'dwh is passed.\n• failed → passed: Title of content (content)',
  ]);
});

test('what is wrong at the beginning is said', async () => {
  const [message] = await watched([run({ spread: 'warned', content: 'failed' })]);
  expect(message).toBe(
    'dwh is failed.\n• warned: Title of spread (spread): seen of spread\n• failed: Title of content (content): seen of content',
  );
});

test('a cluster that cannot be asked is a change, once, and its checks stay as they were', async () => {
  const broken = run({ content: 'failed' });
  const away = new ProvehouseError('Expected a node, found none.\n  refused');
  const messages = await watched([broken, away, away, broken]);
  expect(messages).toHaveLength(3);
  expect(messages[1]).toBe(
    'the cluster is inconclusive.\n• passed → inconclusive: The cluster can be asked (run): Expected a node, found none.',
  );
  expect(messages[2]).toContain('inconclusive → passed: The cluster can be asked');
  expect(messages[2]).not.toContain('content');
});

test('a message that was not taken is sent with the next run, with what has changed since', async () => {
  const messages = await watched(
    [
      run({ a: 'passed', b: 'passed' }),
      run({ a: 'failed', b: 'passed' }),
      run({ a: 'failed', b: 'failed' }),
    ],
    (_, count) => {
      if (count === 1) throw new ProvehouseError('refused');
    },
  );
  expect(messages).toEqual([
    expect.stringMatching(/passed → failed: Title of a.*\n.*passed → failed: Title of b/),
  ]);
});

test('a defect is not taken for a cluster that cannot be asked', async () => {
  await expect(watched([new TypeError('a defect')])).rejects.toThrow('a defect');
});

test('each run leaves a line in the history', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-watch-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'history.jsonl');
  await watched([run({ a: 'passed' }), run({ a: 'failed' })], undefined, file);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { deployment: 'dwh', status: 'passed', verdicts: { run: 'passed', a: 'passed' } },
    { deployment: 'dwh', status: 'failed', verdicts: { run: 'passed', a: 'failed' } },
  ]);
});
