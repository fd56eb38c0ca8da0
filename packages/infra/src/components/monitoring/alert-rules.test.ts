import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderMetrics } from '../../clickhouse/metrics.ts';
import { ALERTS_FILE } from './alert-rules.ts';

test('every figure of tables that an alert goes by is served', async () => {
  const used =
    (await readFile(ALERTS_FILE, 'utf8')).match(
      /\bprovehouse_(?:replica|partition|distribution)_\w+/g,
    ) ?? [];
  const served = JSON.stringify(renderMetrics()).match(/\bprovehouse_\w+/g) ?? [];
  expect(used.length).toBeGreaterThan(3);
  for (const name of used) expect(served).toContain(name);
});
