import type { ComponentDescriptor } from '../components/descriptor.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { portOf } from '../system/ports.ts';
import { isPlanned } from './components.ts';
import type { ContainerPlan } from './container-plan.ts';

/** What Terraform's root module is given. */
export interface TerraformRequest {
  readonly folder: StateFolder;
  readonly name: string;
  readonly plan: ContainerPlan;
  readonly descriptors: readonly ComponentDescriptor[];
}

/** A module that is called besides those that the root module names. */
export interface CalledModule {
  readonly name: string;
  /** Absolute path of the folder that is copied. */
  readonly folder: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The variables of the root module; no secret is among them. */
export function terraformVariables(
  { folder, name, plan, descriptors }: TerraformRequest,
  running: boolean,
): Record<string, unknown> {
  const sides = descriptors.flatMap(({ container }) => (container ? [container] : []));
  const ofRoot = sides.filter((side) => side.module === undefined);
  const images = new Set(ofRoot.flatMap((side) => side.images));
  // Those of nodes and Keepers, which have a dot in their names, are in variables of their own.
  const ports = ofRoot
    .flatMap((side) => side.ports?.(plan) ?? [])
    .filter((port) => !port.name.includes('.') && plan.ports[port.name] !== undefined);
  return {
    name,
    running,
    config_folder: folder.config,
    data_folder: folder.data,
    modules: plan.modules,
    ...Object.assign({}, ...sides.map((side) => side.variables?.(plan))),
    images: Object.fromEntries(Object.entries(plan.images).filter(([image]) => images.has(image))),
    ports: Object.fromEntries(
      ports.map((port) => [port.name.replaceAll('-', '_'), portOf(plan, port.name)]),
    ),
  };
}

/**
 * The modules that components bring along. Those of components that are no part are called as well, with
 * ports that nothing listens on, so that their volumes are kept.
 */
export const calledModules = ({ plan, descriptors }: TerraformRequest): CalledModule[] =>
  descriptors.flatMap(({ name, container }) => {
    if (container?.module === undefined) return [];
    const { folder, inputs } = container.module;
    const conventional = container.ports?.(plan).map((port) => [port.name, port.preferred]) ?? [];
    const ports = { ...Object.fromEntries(conventional), ...plan.ports };
    return [
      {
        ...{ name, folder },
        inputs: {
          platform: '${var.name}',
          running: isPlanned(container, plan) ? '${var.running}' : false,
          config_folder: '${var.config_folder}',
          ...inputs({ ...plan, ports }),
        },
      },
    ];
  });
