import type { FieldName, Secrets } from '@provehouse/secrets';
import type { EngineChoice } from '../clickhouse/engine.ts';
import type { NativeProcess } from '../native/component.ts';
import type { Plan } from '../native/plan.ts';
import type { Programs } from '../native/programs.ts';
import type { Module } from '../runtime.ts';
import type { DeploymentPart } from '../state/deployment.ts';
import type { StateFolder } from '../state/state-folder.ts';
import type { PortRequest } from '../system/ports.ts';

/** What decides which components a platform of processes has. */
export type NativeShape = Pick<
  Plan,
  'shards' | 'replicas' | 'airflow' | 'engine' | 'modules' | 'storageEndpoint'
>;

/** One platform of processes, as its components see it. */
export interface NativeContext {
  readonly folder: StateFolder;
  readonly plan: Plan;
  readonly secrets: Secrets;
  readonly programs: Programs;
  /** Resolves once the process of that name serves. @throws ComponentError, or the timeout of a minute */
  untilReady(process: string): Promise<void>;
  /** Tells people something about a start. */
  message(text: string): void;
}

/** What a platform uses and somebody else runs. */
export interface ElsewhereService {
  readonly name: string;
  readonly address: string;
  readonly url?: string;
  /** Resolves where it answers. @throws an error that says why not */
  probe(signal: AbortSignal): Promise<void>;
  /** Shows that the platform may use it as it has to. @throws an error that says what to do */
  prove(signal: AbortSignal): Promise<void>;
}

/** When a stop ends a process: first those that others must outlive, last what others need to end well. */
export const STOP_WAVES = ['first', 'second', 'third', 'last'] as const;

export type StopWave = (typeof STOP_WAVES)[number];

/** What programs are provided from before a start. */
export interface ProgramSources {
  /** The Python of the environment that the platform's packages are in. */
  readonly python: string;
  /** Folder of what any checkout of this user may use again. */
  readonly cache: string;
  /** What serves ClickHouse on the platform, and what coordinates it. */
  readonly engine: EngineChoice;
  /** Whether the platform has Airflow. */
  readonly airflow: boolean;
  /** Every module that the platform is to have. */
  readonly modules: readonly Module[];
  message(text: string): void;
}

/** A component as processes of this machine. */
export interface NativeSide {
  /** Whether a platform of that shape has it. */
  isPart(shape: NativeShape): boolean;
  /**
   * Finds or fetches what a module runs from, when it is asked for by the name of its component; gives the
   * command that is kept in the plan. @throws an error that says what to do
   */
  provide?(sources: ProgramSources): Promise<readonly string[]>;
  /** Its ports, with the numbers that they have by convention. */
  ports?(shape: NativeShape): readonly PortRequest[];
  /** Secrets that are made only where something needs them. */
  secrets?(shape: NativeShape): readonly FieldName[];
  /**
   * Its place among those that are started and shown; what takes long comes first, and what has none
   * comes last. Whatever a process must wait for is named in its `after`.
   */
  readonly startOrder?: number;
  /** Its processes: how each is started and how it is asked whether it serves. */
  processes(context: NativeContext): readonly NativeProcess[];
  /** What somebody else runs for it: it is asked before anything is started, and shown in the status. */
  elsewhere?(context: NativeContext): readonly ElsewhereService[];
  /** The configuration that `infra:render` shows, by path in the folder of configuration. */
  files?(context: NativeContext): Readonly<Record<string, string>>;
  /** What must hold, or be made, once every process of the platform serves; safe to repeat. */
  settle?(context: NativeContext): Promise<void>;
  /** What the deployment says of it besides its address and log, found by asking it. */
  describe?(context: NativeContext): Promise<DeploymentPart>;
  /** When a process of that name is ended; undefined for `third`, and for those of other components. */
  stopWave?(process: string): StopWave | undefined;
}
