import { z } from 'zod';
import type { Address } from '../../clickhouse-config.ts';

const addressSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
});
const command = z.array(z.string()).min(1);

/** What coordinates a cluster of servers: processes of the platform, or an ensemble that is there. */
const coordinationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keeper'), command }),
  z.strictObject({ kind: z.literal('zookeeper'), command }),
  z.strictObject({ kind: z.literal('existing'), servers: z.array(addressSchema).min(1) }),
]);

/** What serves ClickHouse in the native runtime, with the programs that were found for it. */
export const engineSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('chdb') }),
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
export type CoordinationChoice = z.infer<typeof coordinationSchema>;

/** What may be asked for; `auto` is a modern server where there is one, else the embedded engine. */
export const ENGINES = ['auto', 'chdb', 'server'] as const;

export type EngineName = (typeof ENGINES)[number];

/** Thrown when there is no engine such as was asked for on this machine. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** The options by which an engine like this one is asked for again. */
export const askedAs = (
  choice: EngineChoice,
): { readonly engine: EngineName; readonly coordination?: readonly Address[] } => ({
  engine: choice.name,
  ...(choice.name === 'server' &&
    choice.coordination.kind === 'existing' && { coordination: choice.coordination.servers }),
});
