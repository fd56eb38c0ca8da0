import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import type { Address } from './config.ts';

const addressSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
});
const command = z.array(z.string()).min(1);

/** Members of an ensemble that the platform starts: three are the fewest that outlive the loss of one. */
const members = z.union([z.literal(1), z.literal(3)]).default(3);

export type EnsembleSize = z.infer<typeof members>;

/** What coordinates a cluster: processes of the platform, or an ensemble that is there. */
const coordinationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keeper'), command, members }),
  z.strictObject({ kind: z.literal('zookeeper'), command, members }),
  z.strictObject({ kind: z.literal('existing'), servers: z.array(addressSchema).min(1) }),
]);

/** What serves ClickHouse in the native runtime, with the programs that were found for it. */
export const engineSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('chdb'),
    /** Absent where a Distributed table writes to every replica. */
    coordination: coordinationSchema.optional(),
    /** Why there is none, although it was not asked to be so. */
    withoutCoordination: z.string().optional(),
  }),
  z.strictObject({
    name: z.literal('server'),
    /** The command that takes `--config-file`. */
    command,
    version: z.string(),
    coordination: coordinationSchema,
  }),
]);

export type EngineChoice = z.infer<typeof engineSchema>;
export type ServerChoice = Extract<EngineChoice, { name: 'server' }>;
export type EmbeddedChoice = Extract<EngineChoice, { name: 'chdb' }>;
export type CoordinationChoice = z.infer<typeof coordinationSchema>;

/** What may be asked for; `auto` is a modern server where there is one, else the embedded engine. */
export const ENGINES = ['auto', 'chdb', 'server'] as const;

export type EngineName = (typeof ENGINES)[number];

/**
 * How replicas of the embedded engine get the same rows; `auto` is `keeper` where the engine and its
 * coordination are such as are known, else `distributed-writes`.
 */
export const REPLICATIONS = ['auto', 'keeper', 'distributed-writes'] as const;

export type ReplicationName = (typeof REPLICATIONS)[number];

/** What `otus_default` is: a database of each node, or one that replicates its tables' definitions. */
export const DATABASE_ENGINES = ['atomic', 'replicated'] as const;

export type DatabaseEngine = (typeof DATABASE_ENGINES)[number];

/** Thrown when there is no engine such as was asked for on this machine. */
export class EngineError extends ProvehouseError {
  override readonly name = 'EngineError';
}

/** What may be said of an engine when a platform is started. */
export interface EngineOptions {
  readonly engine?: EngineName;
  /** The embedded engine only. */
  readonly replication?: ReplicationName;
  /** Keepers or ZooKeepers that run already. */
  readonly coordination?: readonly Address[];
  /** How many coordinators the platform starts. */
  readonly coordinators?: EnsembleSize;
}

/** The options by which an engine like this one is asked for again. */
export const askedAs = ({ name, coordination }: EngineChoice): EngineOptions => ({
  engine: name,
  ...(name === 'chdb' && { replication: coordination ? 'keeper' : 'distributed-writes' }),
  ...(coordination?.kind === 'existing'
    ? { coordination: coordination.servers }
    : coordination && { coordinators: coordination.members }),
});
