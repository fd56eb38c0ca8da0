import { expect, test } from 'vitest';
import { z } from 'zod';
import { tableQuestion } from './each-table.ts';
import { runAs } from './running-check.ts';

/** A node that has some tables, and notes what it is asked. */
function nodeWith(tables: readonly string[]) {
  const statements: string[] = [];
  const query = async <Row extends z.ZodType>(sql: string, row: Row): Promise<z.output<Row>[]> => {
    statements.push(sql);
    return tables
      .filter((table) => sql.includes(`'${table}')`))
      .map((table) => row.parse({ asked_database: 'shop', asked_table: table, parts: '2' }));
  };
  return { query, statements };
}

const askParts = tableQuestion({
  ...{ columns: 'parts', from: 'system.parts', where: 'active', order: 'parts', limit: 3 },
  row: z.strictObject({ parts: z.coerce.number() }),
});

test('what is asked of several tables at about the same time is one statement', async () => {
  const node = nodeWith(['orders', 'users']);
  const answers = await Promise.all(
    ['orders', 'users', 'none', 'orders'].map((table) =>
      askParts(node, { database: 'shop', table }),
    ),
  );
  expect(answers).toEqual([[{ parts: 2 }], [{ parts: 2 }], [], [{ parts: 2 }]]);
  expect(node.statements).toEqual([
    [
      'SELECT database AS asked_database, table AS asked_table, parts FROM system.parts',
      "WHERE database IN ('shop') AND (database, table) IN (('shop', 'orders'), ('shop', 'users'), ('shop', 'none'), ('shop', 'orders'))",
      'AND (active)',
      'ORDER BY parts',
      'LIMIT 3 BY database, table',
    ].join('\n'),
  ]);
});

test('nothing is kept: who asks later is asked again', async () => {
  const node = nodeWith(['orders']);
  for (let times = 0; times < 2; times += 1)
    await askParts(node, { database: 'shop', table: 'orders' });
  expect(node.statements).toHaveLength(2);
});

test('each check and each node has statements of its own', async () => {
  const [first, second] = [nodeWith(['orders']), nodeWith([])];
  const place = { database: 'shop', table: 'orders' };
  const answers = await Promise.all([
    runAs('spread', () => askParts(first, place)),
    runAs('placement', () => askParts(first, place)),
    runAs('spread', () => askParts(second, place)),
  ]);
  expect(answers).toEqual([[{ parts: 2 }], [{ parts: 2 }], []]);
  expect([first.statements.length, second.statements.length]).toEqual([2, 1]);
});

test('an answer of another form is an error', async () => {
  const query = async <Row extends z.ZodType>(_: string, row: Row): Promise<z.output<Row>[]> => [
    row.parse({ asked_database: 'shop', asked_table: 'orders', parts: 'many' }),
  ];
  await expect(askParts({ query }, { database: 'shop', table: 'orders' })).rejects.toThrow(/parts/);
});
