import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AS_OF, LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { ttl } from './ttl.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load(100));
afterAll(() => own[Symbol.asyncDispose]());

const run = () => runCheck(ttl, own.context(100));
const everywhere = async (...statements: string[]): Promise<void> => {
  for (const { command } of own.cluster.nodes) {
    await command(`SYSTEM STOP MERGES ${LOCAL}`);
    for (const sql of statements) await command(sql);
  }
};

test('tables without TTL pass', async () => {
  expect(await run()).toMatchObject({ status: 'passed', findings: [{ observed: 'none' }] });
});

test('rows that all nodes will delete alike warn, with the first expiry', async () => {
  await everywhere(
    `TRUNCATE TABLE ${LOCAL}`,
    `ALTER TABLE ${LOCAL} MODIFY TTL created_at + INTERVAL 100 YEAR`,
    `INSERT INTO ${LOCAL} VALUES (1, 'a', 'Books', 10, toDateTime('${AS_OF} 00:00:00', 'UTC'))`,
  );
  const { status, findings } = await run();
  expect(status).toBe('warned');
  expect(findings).toMatchObject([
    {
      observed: expect.stringMatching(
        /^rows by created_at \+ toIntervalYear\(100\), the first on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
      ),
      evidence: [
        {
          rows: [
            [
              expect.anything(),
              expect.anything(),
              expect.anything(),
              expect.stringContaining('clickhouse-04'),
            ],
          ],
        },
      ],
    },
  ]);
});

test('a column that is emptied warns by its name, a condition with its own time', async () => {
  await everywhere(
    `TRUNCATE TABLE ${LOCAL}`,
    `ALTER TABLE ${LOCAL} MODIFY COLUMN name String TTL created_at + INTERVAL 3 YEAR`,
    `ALTER TABLE ${LOCAL} MODIFY TTL created_at + INTERVAL 5 YEAR DELETE WHERE id > 3`,
    `INSERT INTO ${LOCAL} VALUES (1, 'a', 'Books', 10, toDateTime('${AS_OF} 00:00:00', 'UTC'))`,
  );
  const { findings } = await run();
  expect(findings[0]?.observed).toMatch(
    /^column name by created_at \+ toIntervalYear\(3\), the first on 2029-06-1\d .* UTC; rows by created_at \+ toIntervalYear\(5\) WHERE id > 3, /,
  );
});

test('a TTL that parts have not noted yet warns as well', async () => {
  await everywhere(
    `ALTER TABLE ${LOCAL} MODIFY TTL created_at + INTERVAL 5 YEAR SETTINGS materialize_ttl_after_modify = 0`,
  );
  expect((await run()).findings).toMatchObject([
    { status: 'warned', observed: expect.stringContaining('nothing is noted to expire yet') },
  ]);
});

test('a TTL that recompresses takes nothing', async () => {
  await everywhere(
    `ALTER TABLE ${LOCAL} MODIFY TTL created_at + INTERVAL 1 YEAR RECOMPRESS CODEC(ZSTD(3))
     SETTINGS materialize_ttl_after_modify = 0`,
  );
  expect((await run()).status).toBe('passed');
});
