/** One process of the native runtime: how it is started and how it is asked whether it serves. */
export interface Component {
  readonly name: string;
  /** What it is, in the words of the deployment. */
  readonly kind: string;
  readonly command: readonly string[];
  /** `host:port` where it listens, if it does. */
  readonly address?: string;
  readonly url?: string;
  /** File to which it writes its errors, besides its output. */
  readonly errorLog?: string;
  /** What ends it; SIGTERM unless it understands that otherwise, or loses nothing by a kill. */
  readonly stopSignal?: 'INT' | 'KILL';
  /** Longest time from start to readiness, in seconds. */
  readonly budgetSeconds: number;
  /** Components that must be ready before this one is started. */
  readonly after?: readonly string[];
  /** What has to be done before its process starts, and only then. */
  prepare?(): Promise<void>;
  /** Time between two probes while it is waited for; 50 ms unless an answer costs it much. */
  readonly probeIntervalMs?: number;
  /** Set where an answer takes a second or more even if all is well. */
  readonly slowProbe?: true;
  /** Asks it something real; rejects, saying why, as long as it is not ready since `startedAt`. */
  probe(signal: AbortSignal, startedAt: Date): Promise<void>;
  /** What has to be done once it is ready and before others use it; safe to repeat. */
  provision?(): Promise<void>;
}

/** A component as its descriptor gives it, which knows the kind of all. */
export type NativeProcess = Omit<Component, 'kind'>;
