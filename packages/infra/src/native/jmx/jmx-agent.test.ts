import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { JMX_METRICS, withJmxAgent } from './jmx-agent.ts';

test('the agent listens where it was planned to, and the program keeps its own options', () => {
  const agent = {
    ...{ jar: '/cache/agent.jar', metrics: '/repository/kafka.yml' },
    address: { host: '127.0.0.1', port: 9404 },
  };
  const command = ['/java/bin/java', '-Xmx64m', 'kafka.Kafka'];
  expect(withJmxAgent(command, agent)).toEqual([
    '/java/bin/java',
    '-javaagent:/cache/agent.jar=127.0.0.1:9404:/repository/kafka.yml',
    ...['-Xmx64m', 'kafka.Kafka'],
  ]);
  expect(withJmxAgent(command, undefined)).toEqual(command);
});

test('the committed lock names one jar with its sum', async () => {
  const file = join(import.meta.dirname, 'jmx-agent.lock.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    requested: ['io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1'],
    jars: [
      {
        file: 'jmx_prometheus_javaagent-1.0.1.jar',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ],
  });
});

test.each(Object.entries(JMX_METRICS))(
  'every metric of %s has a name that says whose it is',
  async (job, file) => {
    const { rules } = parse(await readFile(file, 'utf8')) as {
      rules: { name: string; pattern: string; help: string }[];
    };
    expect(rules.length).toBeGreaterThan(5);
    for (const { name, pattern, help } of rules) {
      expect(name).toMatch(new RegExp(`^${job}_[a-z_$1]+$`));
      expect(() => new RegExp(pattern)).not.toThrow();
      expect(help).toMatch(/\.$/);
    }
  },
);
