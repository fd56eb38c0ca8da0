import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleSchema } from '../rules/index.ts';
import { localTables } from './contract.ts';
import { readContract } from './read-contract.ts';

test('the example of a contract is read, and shows every kind of rule and of table', async () => {
  const contract = await readContract(join(import.meta.dirname, '../../examples/contract.yaml'), {
    checks: ['spread'],
  });
  const rules = new Set(
    localTables(contract).flatMap((table) => table.rules.map(({ rule }) => rule)),
  );
  const kinds = ruleSchema.options.map(({ shape }) => shape.rule.value);
  expect([...rules].sort()).toEqual(kinds.sort());
  expect(new Set([...contract.tables, ...contract.views].map(({ kind }) => kind))).toEqual(
    new Set(['local', 'distributed', 'view', 'materialized-view', 'dictionary']),
  );
});
