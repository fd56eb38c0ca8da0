import { afterAll, beforeAll, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import { editedConfig } from '../../test/edited-config.ts';
import {
  DISTRIBUTED,
  LOCAL,
  sampleRows,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import { runCheck, runChecks } from '../check-run.ts';
import { readerContent } from './reader-content.ts';
import { replicaContent } from './replica-content.ts';

const LOCAL_NAME = 'hw16_demo_products_local';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load(100);
});
afterAll(() => own[Symbol.asyncDispose]());

const findings = async () => (await runCheck(readerContent, impatient(own.context(100)))).findings;
const notPassed = async () => (await findings()).filter(({ status }) => status !== 'passed');
const editedReader = (node: string, edit: string) =>
  editedConfig(own, node, 'users.xml', (text) => text.replace(/<bi_user>/, `<bi_user>${edit}`));
const editedProfile = (node: string, settings: string) =>
  editedConfig(own, node, 'users.xml', (text) =>
    text.replace('<readonly>2</readonly>', `<readonly>2</readonly>${settings}`),
  );
const filter = `<databases><otus_default><hw16_demo_products_local><filter>id &gt; 50</filter>
  </hw16_demo_products_local></otus_default></databases>`;

test('a reader who gets everything passes, for each table on each node', async () => {
  const found = await findings();
  expect(found.filter(({ status }) => status === 'passed')).toHaveLength(12);
  expect(found).toHaveLength(12);
});

test('a reader who may set nothing passes', async () => {
  await using _ = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text.replace('<readonly>2</readonly>', '<readonly>1</readonly>'),
  );
  expect(await notPassed()).toEqual([]);
});

test('a filter for the reader on two nodes fails there, with what he counts, and through the Distributed table', async () => {
  await using _ = await editedReader('clickhouse-02', filter);
  await using __ = await editedReader('clickhouse-04', filter);
  const found = await notPassed();
  const local = found.filter(({ subject }) => subject === 'hw16_demo_products_local');
  expect(local).toMatchObject([
    {
      node: 'clickhouse-02',
      observed: expect.stringMatching(/^the reader counts \d+ of \d+ rows$/),
    },
    {
      node: 'clickhouse-04',
      observed: expect.stringMatching(/^the reader counts \d+ of \d+ rows$/),
    },
  ]);
  expect(found.filter(({ subject }) => subject === 'hw16_demo_products')).toHaveLength(4);
});

test('what another check was answered does not hide a filter, and is not held against rows that came since', async () => {
  const readerVerdict = async () => {
    const [, verdict] = await runChecks(
      [replicaContent, readerContent],
      impatient(own.context(100)),
    );
    return verdict?.findings.filter(({ status }) => status !== 'passed');
  };
  expect(await readerVerdict()).toEqual([]);
  {
    await using _ = await editedReader('clickhouse-02', filter);
    expect(await readerVerdict()).toContainEqual(
      expect.objectContaining({ status: 'failed', node: 'clickhouse-02', subject: LOCAL_NAME }),
    );
  }
  await runChecks([replicaContent], impatient(own.context(100)));
  const { command } = own.cluster.node('clickhouse-01');
  await command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(101, 120)}`);
  expect((await findings()).filter(({ status }) => status === 'failed')).toEqual([]);
  await own.load(100);
});

test('a limit that would end the reading without an error warns', async () => {
  await using _ = await editedProfile(
    'clickhouse-03',
    '<max_rows_to_read>10</max_rows_to_read><read_overflow_mode>break</read_overflow_mode>',
  );
  const found = (await notPassed()).filter(({ node }) => node === 'clickhouse-03');
  expect(found).toContainEqual(
    expect.objectContaining({
      status: 'warned',
      observed: 'max_rows_to_read = 10, read_overflow_mode = break',
    }),
  );
});

test('a limit that ends the reading with an error fails with it', async () => {
  await using _ = await editedProfile('clickhouse-03', '<max_rows_to_read>10</max_rows_to_read>');
  expect(await notPassed()).toContainEqual(
    expect.objectContaining({
      status: 'failed',
      node: 'clickhouse-03',
      observed: expect.stringContaining('Limit for rows'),
    }),
  );
});

test('a table whose engine merges rows passes, of which the contract names no column', async () => {
  const { contract, ...context } = own.context(100);
  const merging = { name: 'merging', kind: 'local', columns: {}, exactColumns: false } as const;
  for (const { command } of own.cluster.nodes) {
    await command(
      'CREATE TABLE otus_default.merging (id UInt32, v UInt8, up UInt8 ALIAS v + 1) ENGINE = ReplacingMergeTree ORDER BY id',
    );
    await command('INSERT INTO otus_default.merging VALUES (1, 1), (2, 1)');
    await command('INSERT INTO otus_default.merging VALUES (1, 2)');
  }
  const tables = [{ ...merging, rules: [] }];
  const { status, findings } = await runCheck(readerContent, {
    ...context,
    contract: { ...contract, tables },
  });
  expect(status).toBe('passed');
  expect(findings[0]?.observed).toBe('2 rows, the same');
});

test('replicas that differ are no fault of what the reader gets', async () => {
  await own.cluster.node('clickhouse-03').command(`ALTER TABLE ${LOCAL} DELETE WHERE id < 50
    SETTINGS mutations_sync = 1`);
  try {
    expect(await notPassed()).toEqual([]);
  } finally {
    await own.load(100);
  }
});

test('a table that is not there is left to the definition', async () => {
  await own.cluster.node('clickhouse-03').command(`DROP TABLE ${LOCAL} SYNC`);
  const found = (await notPassed()).filter(({ subject }) => subject === 'hw16_demo_products_local');
  expect(found).toMatchObject([{ status: 'skipped', node: 'clickhouse-03' }]);
  await own.load(100);
});
