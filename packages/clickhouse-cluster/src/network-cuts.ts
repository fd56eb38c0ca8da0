import { ImageName, LABEL_TESTCONTAINERS_SESSION_ID, getReaper } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';
import { logText } from './log-text.ts';
import { CLUSTER_LABEL } from './member-container.ts';
import { reasonOf } from './member-error.ts';

/** Thrown when the network between members could not be cut or joined. */
export class NetworkCutError extends Error {
  override readonly name = 'NetworkCutError';
}

/** A member as a cut sees it. */
export interface CutMember {
  readonly name: string;
  readonly containerId: string;
  /** Its address in the cluster's network. */
  readonly address: string;
  /** Whether it has a network namespace at the moment. */
  isRunning(): Promise<boolean>;
}

/** No card has this address: a frame to it arrives nowhere, and nothing tells the sender. */
const NOWHERE = '02:00:00:00:00:01';

/**
 * The commands that lose every packet to `addresses`, and to no other.
 * A wrong entry in the table of neighbours does it silently, as a broken network does: a route that
 * refuses would let the sender fail at once.
 */
export const cutScript = (addresses: readonly string[]): string =>
  [
    'ip neigh flush dev eth0 nud permanent',
    ...addresses.map(
      (address) => `ip neigh replace ${address} lladdr ${NOWHERE} dev eth0 nud permanent`,
    ),
  ].join(' && ');

/**
 * The cuts between the members of one cluster. Each is made in the network namespaces of both its ends by
 * a short-lived container there, so that nothing is needed in the members' images and the test still
 * reaches both.
 */
export class NetworkCuts {
  readonly #client: ContainerRuntimeClient;
  readonly #members: ReadonlyMap<string, CutMember>;
  readonly #sidecarImage: string;
  readonly #clusterId: string;
  readonly #cuts = new Map<string, readonly [string, string]>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    client: ContainerRuntimeClient,
    members: readonly CutMember[],
    sidecarImage: string,
    clusterId: string,
  ) {
    this.#client = client;
    this.#members = new Map(members.map((member) => [member.name, member]));
    this.#sidecarImage = sidecarImage;
    this.#clusterId = clusterId;
  }

  /** Cuts one member from others. @throws NetworkCutError */
  async cut(name: string, others: readonly string[]): Promise<void> {
    await this.#change([name, ...others], () => {
      for (const other of others) this.#cuts.set(key(name, other), [name, other]);
    });
  }

  /** Undoes the cuts between one member and others. @throws NetworkCutError */
  async join(name: string, others: readonly string[]): Promise<void> {
    await this.#change([name, ...others], () => {
      for (const other of others) this.#cuts.delete(key(name, other));
    });
  }

  /** Makes a member's cuts again: its container has a new network namespace. */
  async restarted(name: string): Promise<void> {
    if (this.#peersOf(name).length > 0) await this.#change([name], () => {});
  }

  #peersOf(name: string): string[] {
    return [...this.#cuts.values()].flatMap(([left, right]) =>
      left === name ? [right] : right === name ? [left] : [],
    );
  }

  /** Two changes at once would each flush what the other has made. */
  async #change(affected: readonly string[], change: () => void): Promise<void> {
    const done = this.#last.then(async () => {
      change();
      await Promise.all(affected.map((name) => this.#apply(name)));
    });
    this.#last = done.catch(() => {});
    await done;
  }

  /** A member that is stopped gets its cuts when it is started. */
  async #apply(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined || !(await member.isRunning())) return;
    const lost = this.#peersOf(name).flatMap((peer) => this.#members.get(peer)?.address ?? []);
    try {
      await this.#run(member.containerId, cutScript(lost));
    } catch (cause) {
      throw new NetworkCutError(
        `The network of ${name} could not be changed with ${this.#sidecarImage}: ${reasonOf(cause)}`,
        { cause },
      );
    }
  }

  async #run(containerId: string, script: string): Promise<void> {
    await this.#client.image.pull(ImageName.fromString(this.#sidecarImage));
    const reaper = await getReaper(this.#client);
    const sidecar = await this.#client.container.create({
      Image: this.#sidecarImage,
      Entrypoint: ['sh', '-c'],
      Cmd: [script],
      User: '0:0',
      Labels: {
        [CLUSTER_LABEL]: this.#clusterId,
        [LABEL_TESTCONTAINERS_SESSION_ID]: reaper.sessionId,
      },
      HostConfig: {
        NetworkMode: `container:${containerId}`,
        CapDrop: ['ALL'],
        CapAdd: ['NET_ADMIN'],
      },
    });
    try {
      await sidecar.start();
      const { StatusCode } = (await sidecar.wait()) as { StatusCode: number };
      if (StatusCode !== 0) {
        const log = logText(await sidecar.logs({ stdout: true, stderr: true, follow: false }));
        throw new NetworkCutError(`\`${script}\` ended with code ${StatusCode}: ${log.trim()}`);
      }
    } finally {
      await sidecar.remove({ force: true, v: true });
    }
  }
}

const key = (left: string, right: string): string => [left, right].sort().join(' ');
