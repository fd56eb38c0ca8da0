import type { Deployment, NodeTls } from '@provehouse/infra';
import { QueryError, quoteText, type Account } from '@provehouse/infra/clickhouse';
import { ProvehouseError } from '@provehouse/secrets';
import { z } from 'zod';
import { engineArguments } from '../clickhouse/definition-text.ts';
import { readUserTables, type UserTable } from '../clickhouse/user-tables.ts';
import type { AddressMap } from './address-map.ts';
import { adviceOn } from './advice.ts';
import { askCapabilities } from './ask-capabilities.ts';
import { askKeys, type TableKeys } from './ask-keys.ts';
import { askNode, connectAddress, type AskedNode } from './ask-node.ts';
import { askPorts } from './ask-ports.ts';
import { chooseCluster } from './choose-cluster.ts';
import { urlOf, type HttpAddress } from './cluster-url.ts';
import { describeNodes } from './describe-nodes.ts';
import { reachMembers, type FoundMember, type Surroundings } from './reach-members.ts';
import { shareOf, type SharedAddress } from './shared-address.ts';

/** Thrown when nothing can be found out about a cluster. */
export class DiscoveryError extends ProvehouseError {
  override readonly name = 'DiscoveryError';
}

/** How a cluster is looked for. */
export interface DiscoveryOptions {
  readonly addresses: readonly HttpAddress[];
  readonly account: Account;
  readonly cluster?: string | undefined;
  readonly map: AddressMap;
  readonly tls?: NodeTls | undefined;
}

/** A cluster as it says itself that it is. */
export interface DiscoveredCluster {
  readonly clickhouse: Deployment['clickhouse'];
  /** Whether its nodes are the embedded engine, which has a session of its own as `default`. */
  readonly embedded: boolean;
  readonly members: readonly FoundMember[];
  /** Addresses behind which several of its nodes were found. */
  readonly shared: readonly SharedAddress[];
  /** Who asks; whose a token is was asked. */
  readonly account: Account;
  /** Tables of the users' databases, as the first node has them. */
  readonly tables: readonly UserTable[];
  /** Keys of the tables by `database.name`. */
  readonly keys: ReadonlyMap<string, TableKeys>;
}

/**
 * Asks the nodes at some addresses which cluster they belong to, and each of its members where it
 * is and what it has.
 * @throws DiscoveryError when none of the addresses answers, ClusterChoiceError
 */
export async function discoverCluster(options: DiscoveryOptions): Promise<DiscoveredCluster> {
  const { account, tls, map } = options;
  const seeds = await askSeeds(options);
  const [seed] = seeds;
  if (seed === undefined) throw new RangeError('a cluster is looked for at one address at least');
  const client = connectAddress(seed.pinned, account, tls, 30_000);
  try {
    const [tables, keys] = await Promise.all([readUserTables(client), askKeys(client)]);
    const cluster = chooseCluster(seed.members, {
      asked: options.cluster,
      macro: seed.macros.get('cluster'),
      named: tables.flatMap(clusterNamedBy),
    });
    const members = seed.members.filter((member) => member.cluster === cluster);
    const ports = await askPorts(client, cluster, seed.address.secure);
    const shared = await sharedAddresses(options, { members, seeds, ports });
    const behind = await askBehind(shared, options);
    const found = await reachMembers({ cluster, members, seeds, behind, ports, map, account, tls });
    const database = mainDatabase(tables);
    const embedded = await isEmbedded(client);
    const capabilities = await askCapabilities(client, database, tables);
    const user = account.token === undefined ? account.user : await askUser(client);
    return {
      account: { ...account, user },
      ...{ embedded, members: found, shared, tables, keys },
      clickhouse: {
        ...{ cluster, database, capabilities, version: seed.version },
        internalReplication: replicatesInternally(members, tables),
        nodes: describeNodes(found, tls),
        users: { administrator: user },
      },
    };
  } finally {
    await client.close();
  }
}

/** The given addresses behind which there are several nodes. */
async function sharedAddresses(
  { account, tls }: DiscoveryOptions,
  { members, seeds, ports }: Pick<Surroundings, 'members' | 'seeds' | 'ports'>,
): Promise<SharedAddress[]> {
  // One that the cluster itself has as a node's is that node's.
  const isOwn = ({ address }: AskedNode): boolean =>
    members.some(
      ({ host_name, host_address }, index) =>
        [host_name, host_address].includes(address.host) &&
        ports.get(index + 1)?.http === address.port,
    );
  const unknown = members.length > 1 ? seeds.filter((seed) => !isOwn(seed)) : [];
  const looks = unknown.map(({ address }) => shareOf(address, account, tls, members.length));
  return (await Promise.all(looks)).filter((shared) => shared !== undefined);
}

/** What the nodes behind shared addresses say of themselves; those that do not are not found. */
async function askBehind(
  shared: readonly SharedAddress[],
  { account, tls }: DiscoveryOptions,
): Promise<AskedNode[]> {
  const addresses = shared.flatMap(({ address, names }) =>
    names.map((name) => ({ ...address, answersAs: name })),
  );
  const outcomes = await Promise.allSettled(
    addresses.map((address) => askNode(address, account, tls)),
  );
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/** Whose the token is that was shown. */
async function askUser(client: ReturnType<typeof connectAddress>): Promise<string> {
  const [found] = await client.query(
    'SELECT currentUser() AS user',
    z.object({ user: z.string() }),
  );
  return found?.user ?? '';
}

async function askSeeds({ addresses, account, tls }: DiscoveryOptions): Promise<AskedNode[]> {
  const outcomes = await Promise.allSettled(
    addresses.map((address) => askNode(address, account, tls)),
  );
  const nodes = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value] : [],
  );
  const errors = outcomes.flatMap((outcome): unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  const defect = errors.find((error) => !(error instanceof ProvehouseError));
  if (defect !== undefined) throw defect;
  if (nodes.length > 0) return nodes;
  const lines = errors.map((error) => (error as Error).message.split('\n')[0] ?? '');
  throw new DiscoveryError(
    [
      `Expected a ClickHouse node at ${addresses.map(urlOf).join(', ')}, found none that can be asked. ${adviceOn(errors, account)}`,
      // The address stands in front already.
      ...lines.map((line) => `  ${line.replace(/ \(\S+:\d+\):/, ':')}`),
    ].join('\n'),
  );
}

const clusterNamedBy = ({ engine, engineFull }: UserTable): string[] =>
  engine === 'Distributed' ? engineArguments(engineFull).slice(0, 1) : [];

/** The database with the most tables, which is meant where none is said. */
function mainDatabase(tables: readonly UserTable[]): string {
  const databases = [...Map.groupBy(tables, ({ database }) => database)];
  const [most] = databases.toSorted(
    ([left, of], [right, others]) => others.length - of.length || left.localeCompare(right),
  );
  return most?.[0] ?? 'default';
}

/**
 * Whether a Distributed table writes to one replica; servers that do not show it are taken by their
 * tables.
 */
function replicatesInternally(
  members: readonly { readonly internal_replication?: number | undefined }[],
  tables: readonly UserTable[],
): boolean {
  const shown = members.flatMap(({ internal_replication: flag }) => flag ?? []);
  return shown.length > 0
    ? shown.some((flag) => flag === 1)
    : tables.some(({ engine }) => /^(?:Replicated|Shared)/.test(engine));
}

/** With this the embedded engine's own session serves for ever: see docs/embedded-replication.md. */
const OWN_SESSION = 'SELECT sleepEachRow(3) FROM system.numbers';

async function isEmbedded(client: ReturnType<typeof connectAddress>): Promise<boolean> {
  const sql = `SELECT count() AS sessions FROM system.processes
    WHERE position(query, ${quoteText(OWN_SESSION)}) = 1`;
  const row = z.object({ sessions: z.coerce.number() });
  const [found] = await client.query(sql, row).catch((error: unknown) => {
    // Who may not see what others ask cannot tell.
    if (error instanceof QueryError) return [];
    throw error;
  });
  return (found?.sessions ?? 0) > 0;
}
