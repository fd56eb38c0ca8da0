import type { FieldName, Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../docker/container-plan.ts';
import type { DeploymentPart } from '../state/deployment.ts';
import type { PortRequest } from '../system/ports.ts';

/** What decides which components a platform of containers has. */
export type ContainerShape = Pick<
  ContainerPlan,
  | 'shards'
  | 'replicas'
  | 'keepers'
  | 'airflow'
  | 'storage'
  | 'consumers'
  | 'modules'
  | 'unavailable'
>;

/** One platform of containers, as its components see it. */
export interface ContainerContext {
  readonly name: string;
  readonly plan: ContainerPlan;
  readonly secrets: Secrets;
  /** Folder of this machine for what components have to know again at a later start; it goes with the data. */
  readonly keptFolder: string;
}

/** Files for containers by their path in the folder of configuration. */
export type ContainerFiles = Readonly<Record<string, string>>;

/** Files that are no text, by their path in the folder of configuration: each is fetched, and says where it is. */
export type FetchedFiles = Readonly<Record<string, () => Promise<string>>>;

/** A Terraform module that the root module does not name: it is called for this component. */
export interface ContainerModule {
  /** Absolute path of its folder, which is copied to `modules/<name of the component>`. */
  readonly folder: string;
  /** Its variables besides `platform`, `running` and `config_folder`, which every module is given. */
  inputs(plan: ContainerPlan): Readonly<Record<string, unknown>>;
}

/** A component in containers. */
export interface ContainerSide {
  /** Whether a platform of that shape has it. */
  isPart(shape: ContainerShape): boolean;
  /** Fetches what this machine needs to set it up, before anything is started. @throws an error that says what to do */
  provide?(): Promise<void>;
  /** Names of its images in Terraform's variable `images`. */
  readonly images: readonly string[];
  /** Set where a platform is of use without it: it is left out where the engine cannot have its image. */
  readonly dispensable?: true;
  /** Set where its containers keep data in volumes that another image might not understand. */
  readonly keepsData?: true;
  /** Ports of this machine that lead to it, with the numbers that they have by convention. */
  ports?(shape: ContainerShape): readonly PortRequest[];
  /** Secrets that are made only where something needs them. */
  secrets?(shape: ContainerShape): readonly FieldName[];
  /** The files that its containers read when they start. */
  files?(plan: ContainerPlan, secrets: Secrets): ContainerFiles | Promise<ContainerFiles>;
  /** Those of them that are no text. */
  fetched?(plan: ContainerPlan): FetchedFiles;
  /** Folders below the platform's data that its containers write to, whoever they run as. */
  written?(shape: ContainerShape): readonly string[];
  /** Variables of Terraform's root module, also where it is no part; no secret is among them. */
  variables?(plan: ContainerPlan): Readonly<Record<string, unknown>>;
  /** Its module, where the root module names none for it. */
  readonly module?: ContainerModule;
  /** What must hold, or be made, once every container is healthy; safe to repeat. */
  settle?(context: ContainerContext, signal: AbortSignal): Promise<void>;
  /** What the deployment says of it besides its address and container, found by asking it. */
  describe?(context: ContainerContext): Promise<DeploymentPart>;
  /** Whether a container of that component has a page for people at its first published address. */
  hasPage?(component: string): boolean;
}
