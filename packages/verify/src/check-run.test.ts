import { expect, test } from 'vitest';
import type { ClusterContext } from './check.ts';
import { exitCodeOf, overall, runCheck, runChecks, selectChecks } from './check-run.ts';
import type { Finding, Status, Verdict } from './verdict.ts';

// What a check is given is passed on as it is; these checks look at nothing.
const context = {} as ClusterContext;
const finding = (status: Status): Finding => ({ status, expected: 'x', observed: 'y' });
const check = (name: string, run: () => Promise<readonly Finding[]>) => ({
  name,
  title: `Title of ${name}`,
  run,
});
const verdictOf = (status: Status): Verdict => ({
  ...{ check: status, title: status, status, durationMs: 1 },
  findings: [finding(status)],
});

test('the verdict of a check is its worst finding, with name, title and duration', async () => {
  const run = async () => [finding('passed'), finding('failed')];
  const verdict = await runCheck(check('rows', run), context);
  expect(verdict).toMatchObject({ check: 'rows', title: 'Title of rows', status: 'failed' });
  expect(verdict.findings).toHaveLength(2);
  expect(verdict.durationMs).toBeGreaterThanOrEqual(0);
});

test('a check that throws is inconclusive with the error, neither passed nor failed', async () => {
  const run = () => Promise.reject(new Error('connection refused'));
  const verdict = await runCheck(check('rows', run), context);
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.findings).toMatchObject([{ observed: 'connection refused' }]);
});

test('a check that finds nothing is skipped where it was found out that there are no tables', async () => {
  const nothing = { name: 'nothing', title: 'Nothing', run: () => Promise.resolve([]) };
  expect(await runCheck(nothing, { contract: { tables: [] } })).toMatchObject({
    status: 'skipped',
    findings: [{ reason: expect.stringContaining('has no tables') }],
  });
});

test('a check that finds nothing is inconclusive, and says why', async () => {
  const verdict = await runCheck(
    check('rows', async () => []),
    context,
  );
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.findings).toMatchObject([
    { reason: expect.stringContaining('nothing is proven') },
  ]);
});

test('what was skipped does not hide what was judged', async () => {
  const run = async () => [finding('skipped'), finding('passed')];
  expect((await runCheck(check('rows', run), context)).status).toBe('passed');
});

test('checks run side by side, and their verdicts come in the order of the checks', async () => {
  const second = Promise.withResolvers<undefined>();
  const reported: string[] = [];
  const verdicts = await runChecks(
    [
      // Can only end when the other one has run at the same time.
      check('first', async () => {
        await second.promise;
        return [finding('passed')];
      }),
      check('second', async () => {
        second.resolve(undefined);
        return [finding('passed')];
      }),
    ],
    context,
    (verdict) => reported.push(verdict.check),
  );
  expect(verdicts.map((verdict) => verdict.check)).toEqual(['first', 'second']);
  expect(reported).toEqual(['second', 'first']);
});

test('of many checks a bounded number runs at a time', async () => {
  let running = 0;
  let most = 0;
  const run = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return [finding('passed')];
  };
  const checks = Array.from({ length: 50 }, (_, index) => check(String(index), run));
  expect(await runChecks(checks, context)).toHaveLength(50);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
});

test('the worst verdict decides over the run, and no verdict is inconclusive', () => {
  expect(overall([verdictOf('passed'), verdictOf('failed'), verdictOf('warned')])).toBe('failed');
  expect(overall([])).toBe('inconclusive');
});

test.each<[Status[], 0 | 1]>([
  [['passed'], 0],
  [['passed', 'skipped'], 0],
  [['warned'], 0],
  [['passed', 'failed'], 1],
  [['passed', 'inconclusive'], 1],
  [['skipped', 'skipped'], 1],
  [[], 1],
])('verdicts %j end with exit code %d', (statuses, code) => {
  expect(exitCodeOf(statuses.map(verdictOf))).toBe(code);
});

test('checks are chosen by name in their own order, and all without names', () => {
  const checks = ['a', 'b', 'c'].map((name) => ({ name }));
  expect(selectChecks(checks, ['c', 'a'])).toEqual([{ name: 'a' }, { name: 'c' }]);
  expect(selectChecks(checks, undefined)).toBe(checks);
});

test('a name that no check has is refused with the names there are', () => {
  const choose = () => selectChecks([{ name: 'spread' }, { name: 'macros' }], ['spred', 'macros']);
  expect(choose).toThrow('There is no check spred. Checks: spread, macros.');
});
