import { expect, test } from 'vitest';
import { portsTable, writtenTable } from './ports-table.ts';

test('the ports in docs/settings.md are those of the components (node tools/docs/write-ports-table.ts)', async () => {
  expect(await writtenTable()).toBe(portsTable());
  expect(portsTable()).toContain('| `clickhouse-NN.http` | 8122 + NN | native, containers |');
});
