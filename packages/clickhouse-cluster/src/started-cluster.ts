import type { ClickHouseClient } from '@clickhouse/client';
import type { Topology } from '@provehouse/infra';
import { ClusterOptionError, type Account } from './cluster-options.ts';
import type { NetworkCuts } from './network-cuts.ts';
import type { StartedKeeper } from './started-keeper.ts';
import type { StartedMember } from './started-member.ts';
import type { StartedClickHouseNode } from './started-node.ts';

/** What a started cluster consists of. */
export interface ClusterParts {
  readonly id: string;
  readonly topology: Topology;
  readonly administrator: Account;
  readonly reader: Account;
  readonly internalReplication: boolean;
  readonly nodes: readonly StartedClickHouseNode[];
  readonly keepers: readonly StartedKeeper[];
  readonly cuts: NetworkCuts;
  readonly remove: () => Promise<void>;
}

/** A running cluster. Removing it leaves no container, network or volume. */
export class StartedClickHouseCluster implements AsyncDisposable {
  /** Value of the label `org.provehouse.cluster` on everything that belongs to it. */
  readonly id: string;
  readonly topology: Topology;
  readonly administrator: Account;
  /** May only select. */
  readonly reader: Account;
  /** True where tables replicate themselves; false where a Distributed table writes to every replica. */
  readonly internalReplication: boolean;
  readonly nodes: readonly StartedClickHouseNode[];
  readonly keepers: readonly StartedKeeper[];
  readonly #cuts: NetworkCuts;
  readonly #remove: () => Promise<void>;
  #stopped: Promise<void> | undefined;

  constructor(parts: ClusterParts) {
    this.id = parts.id;
    this.topology = parts.topology;
    this.administrator = parts.administrator;
    this.reader = parts.reader;
    this.internalReplication = parts.internalReplication;
    this.nodes = parts.nodes;
    this.keepers = parts.keepers;
    this.#cuts = parts.cuts;
    this.#remove = parts.remove;
  }

  /** The node of that name, such as `clickhouse-03`. @throws ClusterOptionError */
  node(name: string): StartedClickHouseNode {
    return find('node', this.nodes, name);
  }

  /** The Keeper of that name, such as `clickhouse-keeper-01`. @throws ClusterOptionError */
  keeper(name: string): StartedKeeper {
    return find('keeper', this.keepers, name);
  }

  /** A client of the administrator on the first node. The cluster closes it. */
  client(): ClickHouseClient {
    const [first] = this.nodes;
    if (first === undefined) throw new RangeError('a topology has one node at least');
    return first.client();
  }

  /**
   * Cuts the network between two members, in both directions and silently, while both still reach every
   * other one and the test still reaches both. It lasts until `reconnect`, also when one of them is stopped
   * and started meanwhile.
   * @throws NetworkCutError
   */
  async disconnect(name: string, other: string): Promise<void> {
    await this.#cuts.cut(this.#member(name).name, [this.#member(other).name]);
  }

  /** Cuts one member from all others; the test still reaches it. @throws NetworkCutError */
  async isolate(name: string): Promise<void> {
    await this.#cuts.cut(this.#member(name).name, this.#othersThan(name));
  }

  /** Undoes the cut between two members, or all cuts of one. @throws NetworkCutError */
  async reconnect(name: string, other?: string): Promise<void> {
    const others = other === undefined ? this.#othersThan(name) : [this.#member(other).name];
    await this.#cuts.join(this.#member(name).name, others);
  }

  /** Removes the cluster with its data. Repeating it changes nothing. @throws RemovalError */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.closeClient()));
    await this.#remove();
  }

  get #members(): readonly StartedMember[] {
    return [...this.nodes, ...this.keepers];
  }

  #member(name: string): StartedMember {
    return find('member', this.#members, name);
  }

  #othersThan(name: string): string[] {
    return this.#members.map((member) => member.name).filter((other) => other !== name);
  }
}

function find<T extends { readonly name: string }>(
  what: string,
  members: readonly T[],
  name: string,
): T {
  const found = members.find((member) => member.name === name);
  if (found !== undefined) return found;
  const names = members.map((member) => member.name).join(', ');
  throw new ClusterOptionError(what, name, names === '' ? 'nothing, there are none' : names);
}
