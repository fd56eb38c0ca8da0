import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import type {
  ElsewhereService,
  NativeContext,
  NativeShape,
  NativeSide,
} from '../components/native-side.ts';
import { deploymentSchema, type Deployment } from '../state/deployment.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { hasPorts, type PortRequest } from '../system/ports.ts';
import type { Component } from './component.ts';
import type { Plan } from './plan.ts';
import type { Programs } from './programs.ts';
import { untilReady } from './start.ts';

/** The components of one platform and what can be said of it once they serve. */
export interface Platform {
  readonly components: readonly Component[];
  /** What it uses and does not start. */
  readonly elsewhere: readonly (ElsewhereService & { readonly kind: string })[];
  /** Makes what needs the whole platform. @throws what components throw that do not do what they must */
  settle(): Promise<void>;
  describe(name: string): Promise<Deployment>;
}

export interface PlatformOptions {
  readonly descriptors: readonly ComponentDescriptor[];
  readonly folder: StateFolder;
  readonly plan: Plan;
  readonly secrets: Secrets;
  readonly programs: Programs;
  readonly onMessage: (message: string) => void;
}

interface NativePart {
  readonly kind: string;
  readonly native: NativeSide;
}

/** What a platform of that shape has, in the order of the descriptors. */
const partsOf = (descriptors: readonly ComponentDescriptor[], shape: NativeShape): NativePart[] =>
  descriptors.flatMap(({ kind, native }) => (native?.isPart(shape) ? [{ kind, native }] : []));

/** Those of them that the plan has ports for: a component that is newer than a plan is no part of it. */
const partsOfPlan = (descriptors: readonly ComponentDescriptor[], plan: Plan): NativePart[] =>
  partsOf(descriptors, plan).filter(({ native }) => hasPorts(plan, native.ports?.(plan) ?? []));

/** The ports that a platform needs, with the numbers that they have by convention. */
export const portRequests = (
  descriptors: readonly ComponentDescriptor[],
  shape: NativeShape,
): PortRequest[] =>
  partsOf(descriptors, shape).flatMap(({ native }) => [...(native.ports?.(shape) ?? [])]);

/** The secrets that a platform needs besides those that every one has. */
export const secretsNeeded = (descriptors: readonly ComponentDescriptor[], shape: NativeShape) =>
  partsOf(descriptors, shape).flatMap(({ native }) => [...(native.secrets?.(shape) ?? [])]);

/** The configuration that components show, by path in the folder of configuration. */
export const shownFiles = (
  descriptors: readonly ComponentDescriptor[],
  context: NativeContext,
): Readonly<Record<string, string>> =>
  Object.assign(
    {},
    ...partsOfPlan(descriptors, context.plan).map(({ native }) => native.files?.(context) ?? {}),
  );

/** Puts a platform together from its plan, without starting anything. @throws EngineError */
export function assemble(options: PlatformOptions): Platform {
  const { descriptors, folder, plan, secrets, programs } = options;
  const context: NativeContext = {
    ...{ folder, plan, secrets, programs, message: options.onMessage },
    async untilReady(name) {
      const component = components.find((one) => one.name === name);
      if (component !== undefined) {
        await untilReady(folder, component, AbortSignal.timeout(60_000));
      }
    },
  };
  const parts = partsOfPlan(descriptors, plan);
  const orderOf = ({ native: { startOrder = Number.MAX_SAFE_INTEGER } }: NativePart): number =>
    startOrder;
  const components: readonly Component[] = parts
    .toSorted((left, right) => orderOf(left) - orderOf(right))
    .flatMap(({ kind, native }) =>
      native.processes(context).map((process) => ({ ...process, kind })),
    );

  return {
    components,
    elsewhere: parts.flatMap(({ kind, native }) =>
      (native.elsewhere?.(context) ?? []).map((service) => ({ ...service, kind })),
    ),
    async settle() {
      for (const { native } of parts) await native.settle?.(context);
    },
    async describe(name) {
      const described = await Promise.all(parts.map(({ native }) => native.describe?.(context)));
      return deploymentSchema.parse({
        formatVersion: 1,
        name,
        runtime: 'native',
        engine: plan.engine.name,
        createdAt: new Date().toISOString(),
        ...Object.assign({}, ...described),
        components: components.map(({ name: component, kind, address }) => ({
          name: component,
          kind,
          ...(address !== undefined && { address }),
          log: join(folder.logs, `${component}.log`),
        })),
        secretsFile: folder.secretsFile,
        logFolders: [folder.logs],
      });
    },
  };
}
