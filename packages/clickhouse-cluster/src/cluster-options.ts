import { createTopology, TopologyError, type Topology } from '@provehouse/infra';

/** A login of the cluster. */
export interface Account {
  readonly name: string;
  readonly password: string;
}

/** How many shards there are, how many replicas each has, and what the cluster is called. */
export interface TopologyOptions {
  readonly shards?: number;
  readonly replicas?: number;
  /** Name in `remote_servers`; `dwh_test` by default. */
  readonly cluster?: string;
}

/** Ports of this machine at which a node is published, from one start to the next. */
export interface FixedPorts {
  readonly http: number;
  readonly native: number;
}

/** What a cluster is made of, everything decided but what only the image can tell. */
export interface ClusterOptions {
  readonly image: string;
  readonly keeperImage?: string;
  readonly sidecarImage?: string;
  /** Absent: three where the image can use them, none where it cannot. */
  readonly keepers?: number;
  readonly topology: Topology;
  readonly administrator: Account;
  readonly reader: Account;
  /** Required published ports, by node. */
  readonly fixedPorts: Readonly<Record<string, FixedPorts>>;
  /** Text of configuration files by their path below `/etc/clickhouse-server`. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Longest time from the start of the containers to readiness, in milliseconds. */
  readonly startupTimeout: number;
}

/** Thrown for an option of a cluster that cannot be; the message names the option and its value. */
export class ClusterOptionError extends Error {
  override readonly name = 'ClusterOptionError';

  constructor(option: string, value: unknown, expected: string, options?: ErrorOptions) {
    super(`${option}: expected ${expected}, found ${JSON.stringify(value) ?? 'nothing'}.`, options);
  }
}

/** The topology with the database of a cluster. @throws ClusterOptionError */
export function checkTopology(
  { shards, replicas, cluster }: TopologyOptions,
  database: string,
): Topology {
  if (cluster !== undefined) checkIdentifier('withTopology.cluster', cluster);
  try {
    return createTopology({
      database,
      ...(shards !== undefined && { shards }),
      ...(replicas !== undefined && { replicas }),
      ...(cluster !== undefined && { cluster }),
    });
  } catch (cause) {
    if (!(cause instanceof TopologyError)) throw cause;
    const expected = 'whole numbers from 1 to 16';
    throw new ClusterOptionError('withTopology', { shards, replicas }, expected, { cause });
  }
}

/** An odd ensemble of at most seven, or none. @throws ClusterOptionError */
export function checkKeepers(count: number): number {
  if (![0, 1, 3, 5, 7].includes(count)) {
    throw new ClusterOptionError(
      'withKeepers',
      count,
      '0, 1, 3, 5 or 7 (an even ensemble survives no more failures than one less)',
    );
  }
  return count;
}

/** A name that needs no quoting in SQL and in XML. @throws ClusterOptionError */
export function checkIdentifier(option: string, name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new ClusterOptionError(
      option,
      name,
      'letters, digits and "_", no digit at the beginning',
    );
  }
  return name;
}

/** An account that is not `default`, which the cluster removes. @throws ClusterOptionError */
export function checkAccount(option: string, name: string, password: string): Account {
  checkIdentifier(`${option}.name`, name);
  if (name === 'default') {
    throw new ClusterOptionError(`${option}.name`, name, 'a user of its own');
  }
  if (password === '') throw new ClusterOptionError(`${option}.password`, password, 'a password');
  return { name, password };
}

/** A reference with a tag or a digest. @throws ClusterOptionError */
export function checkImage(option: string, image: string): string {
  if (!/(:[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(image)) {
    throw new ClusterOptionError(option, image, 'an image with a tag or a digest');
  }
  return image;
}

/** Ports for nodes that there are, each given once. @throws ClusterOptionError */
export function checkFixedPorts(
  ports: Readonly<Record<string, FixedPorts>>,
  { nodes }: Topology,
): Readonly<Record<string, FixedPorts>> {
  const names = nodes.map(({ name }) => name);
  const seen = new Set<number>();
  for (const [name, { http, native }] of Object.entries(ports)) {
    if (!names.includes(name))
      throw new ClusterOptionError('withFixedPorts', name, names.join(', '));
    for (const [key, port] of Object.entries({ http, native })) {
      const option = `withFixedPorts.${name}.${key}`;
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new ClusterOptionError(option, port, 'a port from 1 to 65535');
      }
      if (seen.has(port)) throw new ClusterOptionError(option, port, 'a port that is given once');
      seen.add(port);
    }
  }
  return ports;
}

/** A number of milliseconds. @throws ClusterOptionError */
export function checkTimeout(option: string, milliseconds: number): number {
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) {
    throw new ClusterOptionError(option, milliseconds, 'a number of milliseconds above 0');
  }
  return milliseconds;
}

/** Configuration files that can be put beside those of the cluster. @throws ClusterOptionError */
export function checkConfiguration(
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const file of Object.keys(files)) {
    if (!/^(config|users)\.d\/[\w-][\w.-]*\.(xml|yaml|yml)$/.test(file)) {
      const expected = 'config.d/<name>.xml, users.d/<name>.xml or the same as .yaml';
      throw new ClusterOptionError('withConfiguration', file, expected);
    }
    if (/\/provehouse[.-]/.test(file)) {
      const expected =
        'a name that does not begin with "provehouse", as the cluster\'s own files do';
      throw new ClusterOptionError('withConfiguration', file, expected);
    }
  }
  return files;
}
