import type { FieldName, Secrets } from '@provehouse/secrets';
import type {
  ContainerContext,
  ContainerFiles,
  ContainerShape,
  ContainerSide,
  FetchedFiles,
} from '../components/container-side.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import type { Progress } from '../runtime.ts';
import type { DeploymentPart } from '../state/deployment.ts';
import { hasPorts, type PortRequest } from '../system/ports.ts';
import type { ContainerPlan } from './container-plan.ts';

type Descriptors = readonly ComponentDescriptor[];

/** What a platform of that shape has, in the order of the descriptors. */
export const partsOf = (descriptors: Descriptors, shape: ContainerShape): ContainerSide[] =>
  descriptors.flatMap(({ container }) =>
    container !== undefined && isPartOf(container, shape) ? [container] : [],
  );

/** Whether the options of a platform ask for a component, and the engine has what it needs. */
const isPartOf = (part: ContainerSide, shape: ContainerShape): boolean =>
  part.isPart(shape) && whyLeftOut(part, shape) === undefined;

/** Why a platform goes without a component that its options ask for, if it does. */
const whyLeftOut = (
  { dispensable, images }: ContainerSide,
  { unavailable = {} }: ContainerShape,
): string | undefined =>
  dispensable && images.map((image) => unavailable[image]).find((reason) => reason !== undefined);

/** The components that a platform goes without although its options ask for them, and why. */
export const leftOut = (
  descriptors: Descriptors,
  shape: ContainerShape,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    descriptors.flatMap(({ name, container }) => {
      const reason = container?.isPart(shape) ? whyLeftOut(container, shape) : undefined;
      return reason === undefined ? [] : [[name, reason]];
    }),
  );

/** Says which components a platform goes without, and why. */
export function sayLeftOut(
  descriptors: Descriptors,
  shape: ContainerShape,
  progress: Progress,
): void {
  for (const [component, reason] of Object.entries(leftOut(descriptors, shape))) {
    progress.message(`${component} is left out: ${reason}.`);
  }
}

/** Those of them that the plan has ports for: a component that is newer than a plan is no part of it. */
const partsOfPlan = (descriptors: Descriptors, plan: ContainerPlan): ContainerSide[] =>
  partsOf(descriptors, plan).filter((part) => hasItsPorts(part, plan));

/** Whether the plan is one with that component. */
export const isPlanned = (part: ContainerSide, plan: ContainerPlan): boolean =>
  isPartOf(part, plan) && hasItsPorts(part, plan);

const hasItsPorts = (part: ContainerSide, plan: ContainerPlan): boolean =>
  hasPorts(plan, part.ports?.(plan) ?? []);

/** The ports that are published on this machine, with the numbers that they have by convention. */
export const publishedPorts = (descriptors: Descriptors, shape: ContainerShape): PortRequest[] =>
  partsOf(descriptors, shape).flatMap((part) => [...(part.ports?.(shape) ?? [])]);

/** The secrets that a platform needs besides those that every one has. */
export const secretsNeeded = (descriptors: Descriptors, shape: ContainerShape): FieldName[] => [
  ...new Set(partsOf(descriptors, shape).flatMap((part) => [...(part.secrets?.(shape) ?? [])])),
];

/** The names of the images that a platform uses. */
export const imagesUsed = (descriptors: Descriptors, shape: ContainerShape): string[] => [
  ...new Set(partsOf(descriptors, shape).flatMap(({ images }) => [...images])),
];

/** The names of those that the platform is of use without. */
export const dispensableImages = (descriptors: Descriptors, shape: ContainerShape): string[] =>
  partsOf(descriptors, shape).flatMap(({ dispensable, images }) =>
    dispensable ? [...images] : [],
  );

/** Fetches what this machine needs for the parts. @throws what they throw where it cannot be had */
export async function providePrograms(
  descriptors: Descriptors,
  shape: ContainerShape,
): Promise<void> {
  await Promise.all(partsOf(descriptors, shape).map((part) => part.provide?.()));
}

/** Everything that containers read when they start, secrets included. */
export async function containerFiles(
  descriptors: Descriptors,
  plan: ContainerPlan,
  secrets: Secrets,
): Promise<ContainerFiles> {
  const files = await Promise.all(
    partsOfPlan(descriptors, plan).map((part) => part.files?.(plan, secrets)),
  );
  return Object.assign(markFile(plan), ...files);
}

/** What of it is no text. */
export const fetchedFiles = (descriptors: Descriptors, plan: ContainerPlan): FetchedFiles =>
  Object.assign({}, ...partsOfPlan(descriptors, plan).map((part) => part.fetched?.(plan)));

/** The folders below the platform's data that containers write to. */
export const writtenFolders = (descriptors: Descriptors, plan: ContainerPlan): string[] =>
  partsOfPlan(descriptors, plan).flatMap((part) => [...(part.written?.(plan) ?? [])]);

/** A folder that holds this is one of rendered files, and may be replaced. */
export const MARK = 'rendered.json';

/** What the files are for; Terraform refuses those for another storage. */
const markFile = ({ storage }: ContainerPlan): ContainerFiles => ({
  [MARK]: `${JSON.stringify({ storage_type: storage })}\n`,
});

/**
 * Makes what containers do not make themselves, and waits until each part does what it must, one after
 * the other. Safe to repeat.
 * @throws what components throw that do not
 */
export async function settleContainers(
  descriptors: Descriptors,
  context: ContainerContext,
  signal: AbortSignal,
): Promise<void> {
  for (const part of partsOfPlan(descriptors, context.plan)) await part.settle?.(context, signal);
}

/** What the deployment says of the parts, found by asking them. */
export async function describeParts(
  descriptors: Descriptors,
  context: ContainerContext,
): Promise<DeploymentPart> {
  const parts = partsOfPlan(descriptors, context.plan);
  const described = await Promise.all(parts.map((part) => part.describe?.(context)));
  return Object.assign({}, ...described);
}

/** Whether people find a page at the first published address of that component. */
export const hasPage = (descriptors: Descriptors, component: string): boolean =>
  descriptors.some(({ container }) => container?.hasPage?.(component) === true);
