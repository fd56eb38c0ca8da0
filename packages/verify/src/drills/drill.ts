import type { Finding } from '../verdict.ts';
import type { DrillTarget } from './drill-target.ts';
import type { Guarantee } from './guarantee.ts';
import type { KnownLoss } from './known-loss.ts';
import type { Schedule } from './schedule.ts';
import type { Stream } from './stream/stream.ts';
import type { Undo } from './undo.ts';

/** What is done to a platform, and how that is known. */
export interface Fault {
  /** What puts the platform right, whatever has become of the drill; safe to repeat. */
  readonly undo: readonly Undo[];
  /** What must be ready before the workload starts. */
  prepare?(): Promise<void>;
  inject(): Promise<void>;
  /** Shows that the fault really happened; anything but passed makes the drill inconclusive. */
  prove(): Promise<Finding>;
  /** What must hold while the fault lasts. */
  during?(): Promise<readonly Finding[]>;
  /** Takes the fault away; the default is to undo it. */
  lift?(): Promise<void>;
  /** What must hold when the platform has recovered, besides that no row is lost. */
  recovered?(): Promise<readonly Finding[]>;
}

interface DrillDescription {
  /** Kebab-case and unique: `kill-replica`. */
  readonly name: string;
  readonly title: string;
  readonly proves: string;
  readonly doesNotProve: string;
  /** Longest time from the lift until everything is as it must be. */
  readonly recoverySeconds: number;
  /** Why it cannot be run on this platform or machine, if so. */
  unavailable(target: DrillTarget): Promise<string | undefined>;
}

/** The writes that go on while a platform is broken. */
export interface Workload {
  readonly guarantee: Guarantee;
  /** Batches that were sent at least once: those from 0 up to this number. */
  readonly attempted: number;
  /**
   * Sends a new batch, which one node is the first to be offered; whether that node has accepted it. If
   * not, it was sent again to the others.
   */
  sendTo(node: string): Promise<boolean>;
}

/** A drill during writes into tables of its own. */
export interface WritesDrill extends DrillDescription {
  readonly workload: 'writes';
  /** What its inserts ask for, unless something else is asked for. */
  readonly guarantee: Guarantee;
  /** The fault of an engine that it provokes, if it is one. */
  readonly knownLoss?: KnownLoss;
  /**
   * Whether the fault destroys the rows of a node. It then comes when every replica has the rows that
   * were sent before, and none is sent meanwhile: what that node alone had acknowledged would be lost.
   */
  readonly destroysRows?: true;
  /** How long the fault lasts at least. */
  readonly holdSeconds: number;
  /**
   * Where nodes may refuse at first: how long each is asked again until it accepts a batch. The fault ends
   * when all have done so.
   */
  readonly patienceSeconds?: number;
  /** What becomes of writes meanwhile: clients may have to try other nodes, but some must be accepted, or none. */
  writes(target: DrillTarget, guarantee: Guarantee): 'accepted' | 'refused' | 'either';
  /** @param table the local table that is written to */
  fault(target: DrillTarget, schedule: Schedule, table: string, workload: Workload): Promise<Fault>;
}

/** A drill during a run of the contract's pipeline. */
export interface PipelineDrill extends DrillDescription {
  readonly workload: 'pipeline';
  /** How long all components must be ready afterwards, where a fault shows late. */
  readonly watchSeconds?: number;
  /** The task during which the fault comes. */
  readonly duringTask: string;
  fault(target: DrillTarget, schedule: Schedule): Promise<Fault>;
}

/** A drill while events are on their way through Kafka. */
export interface StreamDrill extends DrillDescription {
  readonly workload: 'stream';
  /**
   * When the fault comes: as soon as the task that sends is running, the topic has the first events, or the
   * nodes have stored the first ones and others are still on their way.
   */
  readonly hits: 'sender' | 'topic' | 'stored';
  /** How many events are sent with the fault; as many as without it unless it is said. */
  readonly events?: number;
  fault(target: DrillTarget, schedule: Schedule, stream: Stream): Promise<Fault>;
}

export type Drill = WritesDrill | PipelineDrill | StreamDrill;
