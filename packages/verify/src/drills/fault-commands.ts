import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  askCoordinator,
  CoordinationError,
  type ComponentStatus,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import axios from 'axios';
import { parse } from 'yaml';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';

const VERBS = ['kill', 'stop', 'start', 'freeze', 'thaw'] as const;
type Verb = (typeof VERBS)[number];

const commandsSchema = z.strictObject({
  /** For each component by its name in the deployment, the shell command of each verb that is possible. */
  components: z.record(
    z.string(),
    z
      .partialRecord(z.enum(VERBS), z.string().min(1))
      .refine(({ kill, stop, start }) => (kill ?? stop) === undefined || start !== undefined, {
        message: 'what can be killed or stopped needs a command to start it',
      })
      .refine(({ freeze, thaw }) => freeze === undefined || thaw !== undefined, {
        message: 'what can be frozen needs a command to thaw it',
      }),
  ),
});

export type FaultCommands = z.infer<typeof commandsSchema>;

/** Thrown for a file of commands that cannot be read, or a command that fails. */
export class FaultCommandError extends ProvehouseError {
  override readonly name = 'FaultCommandError';
}

/** Thrown when there is no command for what a drill wants to do. */
export class NoFaultCommandError extends ProvehouseError {
  override readonly name = 'NoFaultCommandError';
}

const COMMAND_TIMEOUT_MS = 120_000;
const ANSWER_TIMEOUT_MS = 2_000;
const READY_SECONDS = 120;
const END_SECONDS = 20;
const POLL_MS = 200;

/** The commands in a YAML file. @throws FaultCommandError naming what is wrong */
export async function readFaultCommands(
  file: string,
  deployment: Deployment,
): Promise<FaultCommands> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new FaultCommandError(`${file} is no YAML file that can be read.`, { cause });
  }
  const parsed = commandsSchema.safeParse(content);
  if (!parsed.success) {
    throw new FaultCommandError(
      `${file} does not say how components are broken:\n${z.prettifyError(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  const known = namesOf(deployment);
  const unknown = Object.keys(parsed.data.components).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new FaultCommandError(
      `${file}: expected components of the deployment (${known.join(', ')}), found ${unknown.join(', ')}.`,
    );
  }
  return parsed.data;
}

const coordinatorsOf = ({ clickhouse }: Deployment) =>
  (clickhouse.coordination?.servers ?? []).flatMap((server) =>
    server.name === undefined ? [] : [{ ...server, name: server.name }],
  );

const namesOf = (deployment: Deployment): string[] =>
  [...deployment.clickhouse.nodes, ...coordinatorsOf(deployment)].map(({ name }) => name);

/**
 * A platform that somebody else runs, broken and repaired by that person's own commands: nothing is done
 * to it for which there is no command.
 */
export function commandRuntime(
  deployment: Deployment,
  { components }: FaultCommands,
  file: string,
): Runtime {
  const act = async (component: string, verb: Verb): Promise<void> => {
    const command = components[component]?.[verb];
    if (command === undefined) {
      throw new NoFaultCommandError(`${file} has no command to ${verb} ${component}`);
    }
    await promisify(execFile)('sh', ['-c', command], { timeout: COMMAND_TIMEOUT_MS }).catch(
      (cause: unknown) => {
        throw new FaultCommandError(`The command to ${verb} ${component} failed.`, { cause });
      },
    );
  };
  const status = (): Promise<ComponentStatus[]> =>
    Promise.all([
      ...deployment.clickhouse.nodes.map(async ({ name, host, httpPort }) => ({
        ...{ name, kind: 'clickhouse' },
        state: await nodeState(`http://${host}:${httpPort}/ping`),
      })),
      ...coordinatorsOf(deployment).map(async ({ name, host, port }) => ({
        ...{ name, kind: 'coordination' },
        state: await coordinatorState({ host, port }),
      })),
    ]);
  /** Whether it comes to be in a state; one that does not end is reported by the drill's proof. */
  const becomes = async (component: string, state: string, seconds: number): Promise<boolean> => {
    const deadline = performance.now() + seconds * 1000;
    while ((await status()).find(({ name }) => name === component)?.state !== state) {
      if (performance.now() > deadline) return false;
      await delay(POLL_MS);
    }
    return true;
  };
  const never = (what: string) => (): Promise<never> =>
    Promise.reject(new NoFaultCommandError(`a platform that somebody else runs is not ${what}`));
  const runtime: Runtime = {
    directory: dirname(file),
    status,
    async kill(component) {
      await act(component, 'kill');
      await becomes(component, 'stopped', END_SECONDS);
    },
    async stop(component) {
      await act(component, 'stop');
      await becomes(component, 'stopped', END_SECONDS);
    },
    freeze: (component) => act(component, 'freeze'),
    thaw: (component) => act(component, 'thaw'),
    async start(component) {
      await act(component, 'start');
      if (!(await becomes(component, 'ready', READY_SECONDS))) {
        throw new FaultCommandError(
          `${component} was not ready ${READY_SECONDS} s after its start.`,
        );
      }
    },
    async restart(component) {
      await runtime.stop(component);
      await runtime.start(component);
    },
    up: never('started as a whole'),
    down: never('taken down'),
    restartAll: never('restarted as a whole'),
    logCommand: never('asked for its logs'),
  };
  return runtime;
}

/** `ready`, `not answering`, or `stopped` where nothing accepts connections. */
async function nodeState(url: string): Promise<string> {
  try {
    await axios.get(url, { timeout: ANSWER_TIMEOUT_MS, proxy: false });
    return 'ready';
  } catch (error) {
    const refused = axios.isAxiosError(error) && error.code === 'ECONNREFUSED';
    return refused ? 'stopped' : 'not answering';
  }
}

async function coordinatorState(address: { host: string; port: number }): Promise<string> {
  try {
    await askCoordinator(address, ANSWER_TIMEOUT_MS);
    return 'ready';
  } catch (error) {
    if (!(error instanceof CoordinationError)) throw error;
    const code = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : '';
    return code === 'ECONNREFUSED' ? 'stopped' : 'not answering';
  }
}
