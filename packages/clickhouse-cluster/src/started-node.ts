import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Topology, TopologyNode } from '@provehouse/infra';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { Account } from './cluster-options.ts';
import { MemberError } from './member-error.ts';
import { NODE_PORTS } from './members.ts';
import { StartedMember, type EngineContainer, type MemberSurroundings } from './started-member.ts';

/** What `createClient` of @clickhouse/client needs to reach a node. */
export interface NodeClientOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** A ClickHouse node of a started cluster. */
export class StartedClickHouseNode extends StartedMember {
  /** Its shard macro, such as `01`. */
  readonly shard: string;
  /** Its replica macro, such as `02`. */
  readonly replica: string;
  readonly #topology: Topology;
  readonly #administrator: Account;
  #client: { readonly url: string; readonly instance: ClickHouseClient } | undefined;

  constructor(
    { name, shard, replica }: TopologyNode,
    container: EngineContainer,
    surroundings: MemberSurroundings,
    topology: Topology,
    administrator: Account,
  ) {
    super(name, container, surroundings);
    this.shard = shard;
    this.replica = replica;
    this.#topology = topology;
    this.#administrator = administrator;
  }

  /** Published port of the HTTP interface. @throws MemberError while stopped */
  get httpPort(): number {
    return this.publishedPort(NODE_PORTS.http);
  }

  /** Published port of the native protocol. @throws MemberError while stopped */
  get nativePort(): number {
    return this.publishedPort(NODE_PORTS.native);
  }

  /** Where the HTTP interface is reached. @throws MemberError while stopped */
  get httpUrl(): string {
    return `http://${this.host}:${this.httpPort}`;
  }

  /** What reaches it as `account`, the administrator unless another is given. @throws MemberError while stopped */
  clientOptions(account: Account = this.#administrator): NodeClientOptions {
    const { name, password } = account;
    const { database } = this.#topology;
    return { url: this.httpUrl, username: name, password, database };
  }

  /**
   * A client of the administrator for where the node is now: after `start()` ask for it again. The cluster
   * closes it.
   * @throws MemberError while stopped
   */
  client(): ClickHouseClient {
    const options = this.clientOptions();
    if (this.#client?.url === options.url) return this.#client.instance;
    const outdated = this.#client?.instance;
    this.#client = { url: options.url, instance: createClient(quiet(options)) };
    void outdated?.close();
    return this.#client.instance;
  }

  /** Closes the client that `client()` has given. */
  async closeClient(): Promise<void> {
    await this.#client?.instance.close();
    this.#client = undefined;
  }

  /** Makes the cluster's database on this node. */
  async createDatabase(signal: AbortSignal): Promise<void> {
    await this.#ask(`CREATE DATABASE IF NOT EXISTS ${quoteName(this.#topology.database)}`, signal);
  }

  /** Makes it through this node on all. @throws ClickHouseError unless every node has executed that */
  async createDatabaseOnCluster(signal: AbortSignal): Promise<void> {
    const { database, cluster } = this.#topology;
    await this.#ask(
      `CREATE DATABASE IF NOT EXISTS ${quoteName(database)} ON CLUSTER ${quoteName(cluster)}`,
      signal,
    );
  }

  /** Asks all nodes of the cluster through this one. @throws MemberError when it knows or reaches not all */
  async reachCluster(signal: AbortSignal): Promise<void> {
    const { cluster, nodes } = this.#topology;
    const [known] = await this.#ask(
      `SELECT count() AS nodes FROM system.clusters WHERE cluster = ${quoteText(cluster)}`,
      signal,
    );
    const [reached] = await this.#ask(
      `SELECT count() AS nodes FROM clusterAllReplicas(${quoteText(cluster)}, system.one)`,
      signal,
    );
    for (const [verb, row] of Object.entries({ knows: known, reaches: reached })) {
      const found = String(row?.['nodes']);
      if (Number(found) !== nodes.length) {
        const problem = `it ${verb} ${found} nodes of ${cluster}, expected ${nodes.length}`;
        throw new MemberError(this.name, problem);
      }
    }
  }

  /** Asks its Keepers through it. @throws ClickHouseError as long as it has no session with them */
  async reachKeepers(signal: AbortSignal): Promise<void> {
    await this.#ask("SELECT count() FROM system.zookeeper WHERE path = '/'", signal);
  }

  protected override async probe(signal: AbortSignal): Promise<void> {
    const [row] = await this.#ask('SELECT displayName() AS name', signal);
    if (row?.['name'] !== this.name) {
      throw new MemberError(this.name, `${String(row?.['name'])} answers in its place`);
    }
  }

  async #ask(query: string, signal: AbortSignal): Promise<Record<string, unknown>[]> {
    const client = createClient(
      quiet({
        ...this.clientOptions(),
        // The cluster's own database may not be there yet.
        database: 'system',
        request_timeout: 10_000,
      }),
    );
    try {
      if (!query.startsWith('SELECT')) {
        await client.command({ query, abort_signal: signal });
        return [];
      }
      const result = await client.query({ query, format: 'JSONEachRow', abort_signal: signal });
      return await result.json();
    } finally {
      await client.close();
    }
  }
}

/** A failed query rejects; a test that expects it need not see it printed as well. */
const quiet = <T extends object>(options: T) => ({
  ...options,
  log: { level: ClickHouseLogLevel.OFF },
});
