import { join } from 'node:path';
import type { StatedContainer } from './terraform-state.ts';

type Texts = readonly string[];

/** One service in the words of https://docs.docker.com/reference/compose-file/services/. */
export interface ComposeService {
  readonly image: string;
  readonly pull_policy: 'never';
  readonly hostname: string;
  readonly user: string;
  readonly command?: Texts;
  readonly entrypoint?: Texts;
  readonly environment: Texts;
  readonly init: boolean;
  readonly restart: string;
  readonly mem_limit: string;
  readonly memswap_limit: string;
  readonly security_opt: Texts;
  readonly cap_drop: Texts;
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly stop_signal: string;
  readonly stop_grace_period: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: Texts;
  readonly ports: Texts;
  readonly volumes: readonly ComposeMount[];
  readonly healthcheck?: {
    readonly test: Texts;
    readonly interval: string;
    readonly timeout: string;
    readonly start_period: string;
    readonly retries: number;
  };
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
}

export interface ComposeMount {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly read_only: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, object>>;
}

/** Where the text of a file that a container reads comes from. */
export interface FileSource {
  /** Path on this machine where the compose file expects it. */
  readonly path: string;
  /** File that it is a copy of; empty when `content` is the text. */
  readonly source: string;
  readonly content: string;
}

const isJob = ({ healthcheck }: StatedContainer): boolean => healthcheck.length === 0;

/** Path below `folder` of a file that a container reads. */
const placeOf = (folder: string, { component }: StatedContainer, file: string): string =>
  join(folder, component, file);

/** The files that the compose file of these containers expects below `folder`. */
export const composeFileSources = (
  containers: readonly StatedContainer[],
  folder: string,
): FileSource[] =>
  containers.flatMap((container) =>
    container.upload.map(({ file, source, content }) => ({
      path: placeOf(folder, container, file),
      source,
      content,
    })),
  );

/**
 * A compose file for the same containers: images, commands, limits, health checks, files and what waits
 * for what. Networks and volumes are the project's own; files are mounted from `folder`.
 */
export function composeFile(
  platform: string,
  containers: readonly StatedContainer[],
  folder: string,
): ComposeFile {
  const own = (name: string): string => name.replace(`provehouse-${platform}-`, '');
  const jobs = new Set(containers.filter(isJob).map(({ component }) => component));
  const services = containers.map((container): [string, ComposeService] => [
    container.component,
    escaped({
      ...runs(container),
      networks: container.networks_advanced.map(({ name }) => own(name)),
      ports: container.ports.map(({ internal, external, ip }) => `${ip}:${external}:${internal}`),
      volumes: [
        ...container.volumes.map(({ volume_name, host_path, container_path }) =>
          host_path === ''
            ? mount('volume', own(volume_name), container_path, false)
            : mount('bind', host_path, container_path, true),
        ),
        ...container.upload.map(({ file }) =>
          mount('bind', placeOf(folder, container, file), file, true),
        ),
      ],
      depends_on: Object.fromEntries(
        container.after.map((other) => [
          other,
          { condition: jobs.has(other) ? 'service_completed_successfully' : 'service_healthy' },
        ]),
      ),
    }),
  ]);
  return {
    services: Object.fromEntries(services),
    networks: all(services.flatMap(([, { networks }]) => networks)),
    volumes: all(
      services.flatMap(([, { volumes }]) =>
        volumes.filter(({ type }) => type === 'volume').map(({ source }) => source),
      ),
    ),
  };
}

/**
 * Only the ClickHouse nodes of a compose file, asked for their health every second: without that compose
 * would find them ready a second later than it could.
 */
export function nodesOnly(file: ComposeFile): ComposeFile {
  const nodes = Object.entries(file.services).filter(
    ([, { labels }]) => labels['org.provehouse.kind'] === 'clickhouse',
  );
  return {
    services: Object.fromEntries(
      nodes.map(([name, { healthcheck, ...service }]) => [
        name,
        {
          ...service,
          depends_on: {},
          ...(healthcheck && { healthcheck: { ...healthcheck, interval: '1s' } }),
        },
      ]),
    ),
    networks: all(nodes.flatMap(([, { networks }]) => networks)),
    volumes: all(
      nodes.flatMap(([, { volumes }]) =>
        volumes.filter(({ type }) => type === 'volume').map(({ source }) => source),
      ),
    ),
  };
}

const mount = (
  type: ComposeMount['type'],
  source: string,
  target: string,
  readOnly: boolean,
): ComposeMount => ({ type, source, target, read_only: readOnly });

/** Networks or volumes of the project with the engine's defaults. */
const all = (names: Texts): Record<string, object> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, {}]));

/** What a service is and does, apart from what connects it with others. */
function runs(
  container: StatedContainer,
): Omit<ComposeService, 'networks' | 'ports' | 'volumes' | 'depends_on'> {
  const { command, entrypoint, env, healthcheck, capabilities } = container;
  const [health] = healthcheck;
  return {
    image: container.reference,
    pull_policy: 'never',
    hostname: container.hostname,
    user: container.user,
    ...(command.length > 0 && { command }),
    ...(entrypoint.length > 0 && { entrypoint }),
    environment: env,
    init: container.init,
    restart: container.restart,
    mem_limit: `${container.memory}m`,
    memswap_limit: `${container.memory}m`,
    security_opt: container.security_opts,
    cap_drop: capabilities.flatMap(({ drop }) => drop),
    logging: { driver: container.log_driver, options: container.log_opts },
    stop_signal: container.stop_signal,
    stop_grace_period: `${container.stop_timeout}s`,
    labels: {
      'org.provehouse.component': container.component,
      'org.provehouse.kind': container.kind,
    },
    ...(health && {
      healthcheck: {
        test: health.test,
        interval: health.interval,
        timeout: health.timeout,
        start_period: health.start_period,
        retries: health.retries,
      },
    }),
  };
}

/** The same with every `$` doubled, which compose would take for the beginning of a variable. */
function escaped<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('$', '$$$$')) as T;
}
