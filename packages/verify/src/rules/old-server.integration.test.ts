import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  COLUMNS,
  hasServer,
  rowsFrom,
  startServerCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { withRulesOf } from '../../test/rule-context.ts';
import { runCheck } from '../check-run.ts';
import { valueRules } from '../checks/value-rules.ts';

const DISTRIBUTED = 'otus_default.hw16_demo_products';

/** What rules make of servers as old as 18.16, where such ones are installed. */
describe.runIf(hasServer)('on server processes', () => {
  let own: ReplicatedCluster;
  beforeAll(async () => {
    own = await startServerCluster();
    for (const { node, command } of own.cluster.nodes) {
      await command(`CREATE TABLE ${DISTRIBUTED}_local ${COLUMNS}
        ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id`);
      await command(`CREATE TABLE ${DISTRIBUTED} AS ${DISTRIBUTED}_local
        ENGINE = Distributed(dwh_test, otus_default, hw16_demo_products_local, id)`);
      const first = node.shard === own.cluster.nodes[0]?.node.shard ? 1 : 501;
      await command(`INSERT INTO ${DISTRIBUTED}_local ${rowsFrom(first, 500)}`);
    }
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  const statuses = async (rules: readonly unknown[]) => {
    const { findings } = await runCheck(valueRules, withRulesOf(own.context(), rules));
    return findings
      .filter(({ subject }) => !subject?.endsWith(', content'))
      .map(({ status, subject, reason, observed }) => ({ status, subject, reason, observed }));
  };

  const SOUND = [
    { rule: 'sequence', column: 'id', from: 1, to: '$rows' },
    { rule: 'set', column: 'category', values: ['Books'] },
    { rule: 'range', column: 'price', min: 9.5, max: 1000.5 },
    { rule: 'period', column: 'created_at', days: 366, until: '$as_of' },
    { rule: 'notNull', column: 'name' },
    { rule: 'unique', columns: ['id', 'name'] },
    { rule: 'regex', column: 'name', pattern: '^Product' },
    { rule: 'length', column: 'name', min: 9 },
    { rule: 'reference', column: 'id', table: 'hw16_demo_products_local', key: 'id' },
    { rule: 'rowCount', min: '$rows' },
    { rule: 'freshness', column: 'created_at', within: '5000 weeks' },
    { rule: 'aggregate', function: 'sum', column: 'price', min: 1.5 },
    { rule: 'aggregate', function: 'quantile', level: 0.5, column: 'id', max: 501 },
    { rule: 'sql', query: `SELECT count() FROM ${DISTRIBUTED}`, min: 1 },
    { rule: 'equal', left: `SELECT count() FROM ${DISTRIBUTED}`, right: 'SELECT 1000' },
  ];

  test('rows that keep the rules pass, and what breaks them fails', async () => {
    const sound = await statuses(SOUND);
    expect(sound.filter(({ status }) => status !== 'passed')).toEqual([]);
    const broken = await statuses([
      { rule: 'unique', columns: ['category'] },
      { rule: 'equal', left: 'SELECT 1', right: 'SELECT 2' },
      { rule: 'aggregate', function: 'max', column: 'price', max: 9.5 },
    ]);
    expect(broken.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
  });

  test('a rule that the server has no functions for is skipped with the reason, elsewhere judged', async () => {
    const [finding] = await statuses([{ rule: 'monotonic', column: 'id', by: 'id' }]);
    expect([finding?.status, finding?.reason]).toEqual(
      finding?.status === 'passed'
        ? ['passed', undefined]
        : ['skipped', 'The server has no window functions.'],
    );
  });
});
