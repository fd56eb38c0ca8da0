import { $ } from 'zx';
import { z } from 'zod';
import { docker, EngineError } from './engine.ts';

const PLATFORM = 'org.provehouse.platform';
const COMPONENT = 'org.provehouse.component';
const KIND = 'org.provehouse.kind';

const inspectedSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    Pid: z.number(),
    Health: z
      .object({
        Status: z.string(),
        Log: z
          .array(z.object({ Output: z.string(), Start: z.string(), ExitCode: z.number() }))
          .nullish(),
      })
      .nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }),
  NetworkSettings: z.object({
    Ports: z
      .record(
        z.string(),
        z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable(),
      )
      .nullish(),
  }),
});

/** One container of a platform as the engine describes it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly component: string;
  readonly kind: string;
  /** `running`, `exited`, `paused`, … */
  readonly state: string;
  readonly exitCode: number;
  readonly startedAt: Date;
  readonly pid: number;
  /** How often the engine has started it again after it had ended by itself. */
  readonly restarts: number;
  /** `healthy`, `starting`, `unhealthy`; none where nothing is asked. */
  readonly health?: string;
  /** When the last health check began, by the engine's clock. */
  readonly checkedAt?: Date;
  /** Whether it was passed; the engine calls a container healthy until several were not. */
  readonly checkPassed?: boolean;
  /** What the last health check said. */
  readonly said?: string;
  /** Whether it does one thing and ends. */
  readonly job: boolean;
  /** Addresses on this machine. */
  readonly published: readonly string[];
}

/** All containers of a platform, running or not. @throws EngineError */
export async function containersOf(platform: string): Promise<Container[]> {
  const filter = `label=${PLATFORM}=${platform}`;
  const ids = await docker(['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]);
  if (ids === '') return [];
  return z
    .array(inspectedSchema)
    .parse(JSON.parse(await inspectLeft(ids.split('\n'))))
    .map(described)
    .toSorted((left, right) => left.component.localeCompare(right.component));
}

/** Descriptions of those containers that are still there: one may be removed after it was listed. */
async function inspectLeft(ids: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await $({
    quiet: true,
    nothrow: true,
  })`docker container inspect ${ids}`;
  const errors = stderr.split('\n').filter((line) => line.trim() !== '');
  if (exitCode === 0 || errors.every((line) => /No such (container|object)/i.test(line)))
    return stdout;
  throw new EngineError(`docker container inspect failed:\n${stderr.trim()}`);
}

function described(one: z.infer<typeof inspectedSchema>): Container {
  const { Labels: labels } = one.Config;
  const { Health: health } = one.State;
  const published = Object.values(one.NetworkSettings.Ports ?? {}).flatMap((ports) =>
    (ports ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`),
  );
  const check = health?.Log?.at(-1);
  const said = check?.Output.trim();
  return {
    id: one.Id,
    name: one.Name.replace(/^\//, ''),
    component: labels[COMPONENT] ?? 'unknown',
    kind: labels[KIND] ?? 'unknown',
    state: one.State.Status,
    exitCode: one.State.ExitCode,
    startedAt: new Date(one.State.StartedAt),
    pid: one.State.Pid,
    restarts: one.RestartCount,
    ...(health && { health: health.Status }),
    ...(check && { checkedAt: new Date(check.Start), checkPassed: check.ExitCode === 0 }),
    ...(said && { said }),
    job: one.HostConfig.RestartPolicy.Name !== 'unless-stopped',
    published: [...new Set(published)],
  };
}

/** The container of one component. @throws EngineError naming the components that there are */
export async function findContainer(platform: string, component: string): Promise<Container> {
  const containers = await containersOf(platform);
  const found = containers.find((one) => one.component === component);
  if (found !== undefined) return found;
  const known = containers.map((one) => one.component).join(', ') || 'none';
  throw new EngineError(`There is no container of ${component}. Components: ${known}.`);
}

/** Memory in bytes that each container uses, by its id. */
export async function memoryOf(containers: readonly Container[]): Promise<Map<string, number>> {
  const running = containers.filter(({ state }) => state === 'running');
  if (running.length === 0) return new Map();
  const format = '{{.ID}} {{.MemUsage}}';
  const words = ['stats', '--no-stream', '--no-trunc', '--format', format];
  const text = await docker([...words, ...running.map(({ id }) => id)]);
  return new Map(
    text.split('\n').map((line) => {
      const [id = '', amount = ''] = line.split(' ');
      return [id, bytesOf(amount)];
    }),
  );
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Bytes of an amount as docker stats prints it, such as `220.5MiB`; 0 for another text. */
export function bytesOf(amount: string): number {
  const [, number = '0', unit = 'B'] = /^([\d.]+)([A-Za-z]+)$/.exec(amount) ?? [];
  return Math.round(Number(number) * (UNITS[unit] ?? 0));
}

/** Names of what the engine has of a platform. */
export type Remains = Readonly<Record<'containers' | 'networks' | 'volumes', readonly string[]>>;

/** What of a platform is left in the engine, by kind. @throws EngineError */
export async function remainsOf(platform: string): Promise<Remains> {
  const filter = ['--filter', `label=${PLATFORM}=${platform}`];
  const names = async (words: readonly string[]): Promise<string[]> =>
    (await docker([...words, ...filter])).split('\n').filter((name) => name !== '');
  const [containers, networks, volumes] = await Promise.all([
    names(['ps', '--all', '--format', '{{.Names}}']),
    names(['network', 'ls', '--format', '{{.Name}}']),
    names(['volume', 'ls', '--format', '{{.Name}}']),
  ]);
  return { containers, networks, volumes };
}
