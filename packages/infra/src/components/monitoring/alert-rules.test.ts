import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderMetrics } from '../../clickhouse/metrics.ts';
import { JMX_METRICS } from '../../native/jmx/jmx-agent.ts';
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

test('every figure of ZooKeeper and Kafka that an alert goes by is served', async () => {
  const used = (await readFile(ALERTS_FILE, 'utf8')).match(/\b(?:zookeeper|kafka)_\w+/g) ?? [];
  const rules = await Promise.all(Object.values(JMX_METRICS).map((file) => readFile(file, 'utf8')));
  const served = rules.join('\n').match(/(?<=^ {4}name: )\w+$/gm) ?? [];
  expect(used.length).toBeGreaterThan(1);
  for (const name of used) expect(served).toContain(name);
});
