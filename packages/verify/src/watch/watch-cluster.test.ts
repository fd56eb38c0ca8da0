import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProvehouseError } from '@provehouse/secrets';
import type { VerifiedRun } from '../verified-run.ts';
import { runOf, verdictOf } from '../../test/verified-run.ts';
import type { Status } from '../verdict.ts';
import type { PastRun } from './history.ts';
import { watchCluster, type WatchOptions } from './watch-cluster.ts';

const run = (statuses: Readonly<Record<string, Status>>): VerifiedRun =>
  runOf(Object.entries(statuses).map(([check, status]) => verdictOf(check, status)));

type Outcome = VerifiedRun | Error;

/** Watches until there are no outcomes left; gives the messages that were sent. */
async function watched(
  outcomes: readonly Outcome[],
  send: (text: string, count: number) => void = () => undefined,
  history?: string,
  onRun: WatchOptions['onRun'] = () => undefined,
  more: Partial<WatchOptions> = {},
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
    receivers: [
      {
        name: 'chat',
        async send(text) {
          tries += 1;
          send(text, tries);
          sent.push(text);
        },
      },
    ],
    ...{ everySeconds: 0, history, historyRuns: 3, signal: end.signal, onRun },
    ...{ tell: () => undefined, ...more },
  });
  return sent;
}

/** A file that is not there yet, in a folder that is gone after the test. */
async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-watch-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'new', 'history.jsonl');
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
    'dwh is inconclusive.\n• passed → inconclusive: The cluster can be asked (run): Expected a node, found none.',
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

test('the last runs are in the history, also those of a watch that has ended', async () => {
  const file = await newFile();
  const sound = run({ a: 'passed' });
  await watched([sound, run({ a: 'failed' })], undefined, file);
  const good: (PastRun | undefined)[] = [];
  const away = new ProvehouseError('refused');
  await watched([away, run({ a: 'warned' })], undefined, file, (_, last) => {
    good.push(last);
  });
  expect(good).toMatchObject([{ verdicts: { a: 'passed' } }, { verdicts: { a: 'warned' } }]);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { deployment: 'dwh', status: 'failed', good: false, verdicts: { run: 'passed', a: 'failed' } },
    { deployment: 'dwh', status: 'inconclusive', good: false, verdicts: { run: 'inconclusive' } },
    { deployment: 'dwh', status: 'warned', good: true, verdicts: { run: 'passed', a: 'warned' } },
  ]);
});

test('a file that is no history is left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-watch-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'notes.txt');
  await writeFile(file, 'milk\n');
  await expect(watched([run({ a: 'passed' })], undefined, file)).rejects.toThrow(
    /Expected a run as JSON in line 1 of .*notes\.txt.*--history/,
  );
  expect(await readFile(file, 'utf8')).toBe('milk\n');
});

test('who took a message is not sent it again because another one did not', async () => {
  const end = new AbortController();
  const heard: string[] = [];
  let runs = 0;
  await watchCluster({
    async verify() {
      runs += 1;
      if (runs === 2) end.abort();
      return run({ a: 'failed' });
    },
    receivers: [
      { name: 'one', send: async (text) => void heard.push(`one: ${text.split('\n')[0]}`) },
      {
        name: 'two',
        async send(text) {
          heard.push(`two: ${text.split('\n')[0]}`);
          throw new ProvehouseError('refused');
        },
      },
    ],
    ...{ everySeconds: 0, historyRuns: 1, signal: end.signal },
    ...{ onRun: () => undefined, tell: () => undefined },
  });
  expect(heard).toEqual(['one: dwh is failed.', 'two: dwh is failed.', 'two: dwh is failed.']);
});

test('what was sent is not sent again by the next watch with the same history, and what was not taken is', async () => {
  const file = await newFile();
  const next = (status: Status, send?: () => never): Promise<string[]> => {
    const now = { ...run({ a: status }), endedAt: new Date().toISOString() };
    return watched([now], send, file, undefined, { everySeconds: 60 });
  };
  expect(await next('failed')).toHaveLength(1);
  expect(await next('failed')).toEqual([]);
  const refuse = (): never => {
    throw new ProvehouseError('refused');
  };
  expect(await next('passed', refuse)).toEqual([]);
  expect(await next('passed')).toEqual(['dwh is passed.\n• failed → passed: Title of a (a)']);
});

test('what was heard is not taken from a file that is torn', async () => {
  const file = await newFile();
  await watched([run({ a: 'failed' })], undefined, file);
  await writeFile(`${file}.heard.json`, '{"chat": {"a": "fai');
  await expect(watched([run({ a: 'failed' })], undefined, file)).rejects.toThrow(
    /heard\.json is not whole: .*\n.*Move it away/,
  );
});

test('a cluster is verified once where somebody else has the schedule', async () => {
  const sound = run({ a: 'passed' });
  const runs: string[] = [];
  await watched([sound, sound], undefined, undefined, ({ status }) => void runs.push(status), {
    once: true,
  });
  expect(runs).toEqual(['passed']);
});

test('a message says where the report is', async () => {
  const reportUrl = 'https://reports.example/dwh.html';
  const broken = [run({ a: 'failed' })];
  expect(await watched(broken, undefined, undefined, undefined, { reportUrl })).toEqual([
    `dwh is failed.\n• failed: Title of a (a): seen of a\nReport: ${reportUrl}`,
  ]);
});

test('a watch that begins long after the last verdict says so, once', async () => {
  const file = await newFile();
  await watched([{ ...run({ a: 'passed' }), endedAt: '2026-05-04T12:00:00Z' }], undefined, file);
  const sound = run({ a: 'passed' });
  const late = await watched([sound, sound], undefined, file, undefined, { everySeconds: 0.01 });
  expect(late).toEqual([
    expect.stringMatching(/^dwh has had no verdict for \d+ min; expected one every 0.01 s\./),
  ]);
});

test('a run that hangs is said after twice the interval, once, and its verdict when it comes', async () => {
  const broken = run({ a: 'failed' });
  const sent: string[] = [];
  const heard = Promise.withResolvers<undefined>();
  await watchCluster({
    verify: () => heard.promise.then(() => broken),
    receivers: [
      {
        name: 'chat',
        async send(text) {
          sent.push(text);
          heard.resolve(undefined);
        },
      },
    ],
    ...{ everySeconds: 0.05, once: true, historyRuns: 3, signal: new AbortController().signal },
    ...{ onRun: () => undefined, tell: () => undefined },
  });
  expect(sent).toEqual([
    'The cluster has had no verdict for 0.1 s; expected one every 0.05 s. Look whether what verifies it runs.',
    'dwh is failed.\n• failed: Title of a (a): seen of a',
  ]);
});

test('that there was no verdict is said with the next one where it was not taken', async () => {
  const file = await newFile();
  await watched([{ ...run({ a: 'passed' }), endedAt: '2026-05-04T12:00:00Z' }], undefined, file);
  const refuseOnce = (_: string, count: number): void => {
    if (count === 1) throw new ProvehouseError('refused');
  };
  const sound = run({ a: 'passed' });
  expect(await watched([sound], refuseOnce, file)).toEqual([
    expect.stringMatching(/^dwh is passed\.\ndwh has had no verdict for \d+ min/),
  ]);
});
