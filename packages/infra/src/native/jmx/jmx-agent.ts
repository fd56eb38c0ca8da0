import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Address } from '../../clickhouse/config.ts';
import { providedJars, type JarSources } from '../jars/provided-jars.ts';

const AGENT = {
  name: 'JMX-agent',
  lock: join(import.meta.dirname, 'jmx-agent.lock.json'),
  otherwise: 'leave monitoring out of --with',
};

const lockSchema = z.object({ jars: z.tuple([z.object({ file: z.string() })]) });

/** What a Java program serves of its JMX beans, each of them by a name of Prometheus. */
export const JMX_METRICS = {
  zookeeper: join(import.meta.dirname, 'zookeeper.yml'),
  kafka: join(import.meta.dirname, 'kafka.yml'),
} as const;

/** An agent in the Java of a program, which serves `/metrics`: https://prometheus.github.io/jmx_exporter/ */
export interface JmxAgent {
  readonly jar: string;
  /** Where it listens. */
  readonly address: Address;
  /** The file with the names of what it serves. */
  readonly metrics: string;
}

/**
 * The agent's jar, which is downloaded once per user.
 * @throws EngineError when it cannot be downloaded, or is another than the one that was locked
 */
export async function provideJmxAgent(sources: JarSources): Promise<string> {
  const folder = await providedJars(AGENT, sources);
  const { jars } = lockSchema.parse(JSON.parse(await readFile(AGENT.lock, 'utf8')));
  return join(folder, jars[0].file);
}

/** The command of a Java program with the agent, if it is to have one. */
export function withJmxAgent(
  command: readonly string[],
  agent: JmxAgent | undefined,
): readonly string[] {
  if (agent === undefined) return command;
  const { jar, address, metrics } = agent;
  const option = `-javaagent:${jar}=${address.host}:${address.port}:${metrics}`;
  return command.toSpliced(1, 0, option);
}
