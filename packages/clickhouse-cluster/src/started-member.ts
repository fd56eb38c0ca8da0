import { retryUntil } from '@provehouse/infra';
import type { ContainerRuntimeClient } from 'testcontainers';
import { logText } from './log-text.ts';
import { MemberError, MemberExitedError, reasonOf } from './member-error.ts';

/** The container of a member as the engine's client gives it. */
export type EngineContainer = ReturnType<ContainerRuntimeClient['container']['getById']>;

/** What a member needs to know of its cluster. */
export interface MemberSurroundings {
  readonly client: ContainerRuntimeClient;
  /** Address of each member in the cluster's network. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Host at which published ports are reached. */
  readonly host: string;
  readonly startupTimeout: number;
  /** Called when its container runs again, and before it is asked anything. */
  readonly restarted: (member: string) => Promise<void>;
}

/** A member of a started cluster: what a test can do with its container, and where it is reached. */
export abstract class StartedMember {
  /** Name in the cluster, which is also its host name there. */
  readonly name: string;
  /** Where its ports are published. */
  readonly host: string;
  protected readonly surroundings: MemberSurroundings;
  readonly #container: EngineContainer;
  #ports: ReadonlyMap<number, number> = new Map();

  constructor(name: string, container: EngineContainer, surroundings: MemberSurroundings) {
    this.name = name;
    this.#container = container;
    this.surroundings = surroundings;
    this.host = surroundings.host;
  }

  /** Its address in the cluster's network, which it keeps. */
  get address(): string {
    return this.surroundings.addresses.get(this.name) ?? '';
  }

  /** Id of its container. */
  get containerId(): string {
    return this.#container.id;
  }

  /** The published port that leads to a port of the container now. @throws MemberError while stopped */
  protected publishedPort(port: number): number {
    const published = this.#ports.get(port);
    if (published === undefined) throw new MemberError(this.name, `port ${port} is not published`);
    return published;
  }

  /**
   * Asks it to stop and waits until it has; its data stays. After `timeout` milliseconds it is killed.
   * @throws MemberError
   */
  async stop({ timeout = 10_000 }: { readonly timeout?: number } = {}): Promise<void> {
    await this.#do('stopped', () =>
      this.surroundings.client.container.stop(this.#container, { timeout }),
    );
    this.#ports = new Map();
  }

  /** Ends it without asking and waits until it is gone; its data stays. @throws MemberError */
  async kill(): Promise<void> {
    await this.#do('killed', async () => {
      await this.#container.kill();
      await this.#container.wait();
    });
    this.#ports = new Map();
  }

  /** Freezes it: connections to it stay open, and nothing answers. @throws MemberError */
  async pause(): Promise<void> {
    await this.#do('paused', () => this.#container.pause());
  }

  /** Lets a paused one go on. @throws MemberError */
  async unpause(): Promise<void> {
    await this.#do('unpaused', () => this.#container.unpause());
  }

  /**
   * Starts it after `stop` or `kill` with the data that it had and waits until it answers. Its published
   * ports may be others than before.
   * @throws MemberError
   */
  async start(): Promise<void> {
    await this.#do('started', () => this.#container.start());
    await this.surroundings.restarted(this.name);
    await this.whenReady();
  }

  /** What it has written to its log, or the last `tail` lines of that. @throws MemberError */
  async logs({ tail }: { readonly tail?: number } = {}): Promise<string> {
    return this.#do('asked for its log', async () =>
      logText(
        await this.#container.logs({
          ...{ stdout: true, stderr: true, follow: false },
          ...(tail !== undefined && { tail }),
        }),
      ),
    );
  }

  /**
   * Runs a command in its container, which must run, as `user` or as the user of the container.
   * @throws MemberError, also when the command ends with another code than 0
   */
  async exec(
    command: readonly string[],
    options: { readonly user?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const { exitCode, stdout, output } = await this.#do('asked to run a command', () =>
      this.surroundings.client.container.exec(this.#container, [...command], {
        ...(options.user !== undefined && { user: options.user }),
        ...(options.env !== undefined && { env: { ...options.env } }),
      }),
    );
    if (exitCode === 0) return stdout;
    const problem = `${command.join(' ')} ended with code ${exitCode}: ${output.trim()}`;
    throw new MemberError(this.name, problem);
  }

  /**
   * Waits until it answers as itself, at the longest the cluster's startup timeout.
   * @throws MemberExitedError at once when its container has ended
   * @throws MemberError with the last answer as the cause
   */
  async whenReady(signal?: AbortSignal): Promise<void> {
    const { startupTimeout } = this.surroundings;
    const timeout = AbortSignal.timeout(startupTimeout);
    try {
      await retryUntil(
        async (attemptSignal) => {
          await this.checkRunning();
          await this.probe(attemptSignal);
        },
        {
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          isFinal: (error) => error instanceof MemberExitedError,
        },
      );
    } catch (cause) {
      if (cause instanceof MemberExitedError || signal?.aborted) throw cause;
      const problem = `not ready after ${startupTimeout / 1000} s: ${reasonOf(cause)}`;
      throw new MemberError(this.name, problem, { cause });
    }
  }

  /** Learns its published ports. @throws MemberExitedError when its container has ended */
  async checkRunning(): Promise<void> {
    const { State, NetworkSettings } = await this.#container.inspect();
    if (!State.Running) {
      throw new MemberExitedError(this.name, `its container ended with code ${State.ExitCode}`);
    }
    const ports = new Map<number, number>();
    for (const [port, bindings] of Object.entries(NetworkSettings.Ports)) {
      // An exposed port that is not published has no bindings.
      const published = bindings?.[0]?.HostPort;
      if (published !== undefined) ports.set(Number.parseInt(port, 10), Number(published));
    }
    this.#ports = ports;
  }

  /** Whether its container runs; a paused one does. */
  async isRunning(): Promise<boolean> {
    const { State } = await this.#container.inspect();
    return State.Running;
  }

  /** Asks it something real. Rejects, saying why, as long as it is not ready. */
  protected abstract probe(signal: AbortSignal): Promise<void>;

  async #do<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw new MemberError(this.name, `cannot be ${what}: ${reasonOf(cause)}`, { cause });
    }
  }
}
