import {
  checkAccount,
  checkConfiguration,
  checkFixedPorts,
  checkIdentifier,
  checkImage,
  checkKeepers,
  checkTimeout,
  checkTopology,
  type ClusterOptions,
  type FixedPorts,
  type TopologyOptions,
} from './cluster-options.ts';
import { DEFAULT_IMAGES } from './image.ts';
import { generatePassword, startCluster } from './start-cluster.ts';
import type { StartedClickHouseCluster } from './started-cluster.ts';

/** A user of the cluster; without a password it gets a generated one. */
export interface AccountOptions {
  readonly name: string;
  readonly password?: string;
}

/**
 * A disposable ClickHouse cluster for tests: describe it, then `start()` it.
 *
 * Every option has a default: two shards of two replicas, three Keepers, users `su` and `bi_user` with
 * generated passwords.
 */
export class ClickHouseCluster {
  readonly #image: string;
  #keeperImage: string | undefined;
  #sidecarImage: string | undefined;
  #keepers: number | undefined;
  #topology: TopologyOptions = {};
  #database = 'otus_default';
  #administrator: AccountOptions = { name: 'su' };
  #reader: AccountOptions = { name: 'bi_user' };
  #configuration: Readonly<Record<string, string>> = {};
  #fixedPorts: Readonly<Record<string, FixedPorts>> = {};
  #startupTimeout = 120_000;

  /**
   * `image` is that of the nodes; PROVEHOUSE_CLICKHOUSE_IMAGE or else the official one by default.
   * @throws ClusterOptionError for a reference without tag and digest
   */
  constructor(image?: string) {
    const configured = process.env['PROVEHOUSE_CLICKHOUSE_IMAGE'];
    this.#image =
      image === undefined && configured
        ? checkImage('PROVEHOUSE_CLICKHOUSE_IMAGE', configured)
        : checkImage('image', image ?? DEFAULT_IMAGES.clickhouse);
  }

  /** Shards, replicas of each, and the cluster's name. @throws ClusterOptionError */
  withTopology(topology: TopologyOptions): this {
    checkTopology(topology, this.#database);
    this.#topology = topology;
    return this;
  }

  /** 1, 3, 5 or 7 Keepers; 0 for an image that cannot use them. @throws ClusterOptionError */
  withKeepers(count: number): this {
    this.#keepers = checkKeepers(count);
    return this;
  }

  /** Image of the Keepers. @throws ClusterOptionError */
  withKeeperImage(image: string): this {
    this.#keeperImage = checkImage('withKeeperImage', image);
    return this;
  }

  /** Image with `sh` and iproute2, of which a network cut runs a container. @throws ClusterOptionError */
  withSidecarImage(image: string): this {
    this.#sidecarImage = checkImage('withSidecarImage', image);
    return this;
  }

  /** Database that is made on every node. @throws ClusterOptionError */
  withDatabase(database: string): this {
    this.#database = checkIdentifier('withDatabase', database);
    return this;
  }

  /** The administrator. @throws ClusterOptionError */
  withUser({ name, password }: AccountOptions): this {
    checkAccount('withUser', name, password ?? generatePassword());
    this.#administrator = { name, ...(password !== undefined && { password }) };
    return this;
  }

  /** The user that may only select. @throws ClusterOptionError */
  withReader({ name, password }: AccountOptions): this {
    checkAccount('withReader', name, password ?? generatePassword());
    this.#reader = { name, ...(password !== undefined && { password }) };
    return this;
  }

  /**
   * Text of configuration files by their path below `/etc/clickhouse-server`, such as
   * `config.d/mine.xml`; merged over those of the image and of the cluster.
   * @throws ClusterOptionError
   */
  withConfiguration(files: Readonly<Record<string, string>>): this {
    this.#configuration = { ...this.#configuration, ...checkConfiguration(files) };
    return this;
  }

  /**
   * Published ports of nodes by name, which they keep when they are started again. Without this the engine
   * chooses free ones at every start, so that no two clusters are in each other's way.
   */
  withFixedPorts(ports: Readonly<Record<string, FixedPorts>>): this {
    this.#fixedPorts = ports;
    return this;
  }

  /** Longest time, in milliseconds, from the start of the containers to readiness. @throws ClusterOptionError */
  withStartupTimeout(milliseconds: number): this {
    this.#startupTimeout = checkTimeout('withStartupTimeout', milliseconds);
    return this;
  }

  /**
   * Starts all members at the same time and waits until each node answers as itself and reaches all others
   * and its Keepers. Whatever goes wrong, and when the signal is aborted, nothing is left behind.
   * @throws ClusterStartError with the last log lines of the member that failed
   * @throws ClusterOptionError for options that the image cannot have
   * @throws the signal's reason
   */
  async start({
    signal,
  }: { readonly signal?: AbortSignal } = {}): Promise<StartedClickHouseCluster> {
    return startCluster(this.#options(), signal ?? new AbortController().signal);
  }

  #options(): ClusterOptions {
    const topology = checkTopology(this.#topology, this.#database);
    const { name: administrator, password = generatePassword() } = this.#administrator;
    const { name: reader, password: readerPassword = generatePassword() } = this.#reader;
    return {
      image: this.#image,
      topology,
      fixedPorts: checkFixedPorts(this.#fixedPorts, topology),
      administrator: { name: administrator, password },
      reader: { name: reader, password: readerPassword },
      configuration: this.#configuration,
      startupTimeout: this.#startupTimeout,
      ...(this.#keeperImage !== undefined && { keeperImage: this.#keeperImage }),
      ...(this.#sidecarImage !== undefined && { sidecarImage: this.#sidecarImage }),
      ...(this.#keepers !== undefined && { keepers: this.#keepers }),
    };
  }
}
