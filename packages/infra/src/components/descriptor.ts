import type { ContainerSide } from './container-side.ts';
import type { NativeSide } from './native-side.ts';

/**
 * All that a platform knows of one kind of its components, such as ClickHouse's nodes or PostgreSQL.
 * What runtimes plan, start, stop, show and write into the deployment is derived from a list of these.
 */
export interface ComponentDescriptor {
  /** What errors and generated files call it. */
  readonly name: string;
  /** What status and the deployment say that its members are; lower-case letters and dashes. */
  readonly kind: string;
  /** How it runs as processes of this machine; absent where it cannot. */
  readonly native?: NativeSide;
  /** Why it cannot run as processes, where that may be asked for: the end of a sentence. */
  readonly onlyInContainers?: string;
  /** How it runs in containers; absent where it cannot. */
  readonly container?: ContainerSide;
}
