import { dirname, join, resolve } from 'node:path';
import { readDeployment, type Deployment } from '@provehouse/infra';
import type { Account } from '@provehouse/infra/clickhouse';
import {
  givenPath,
  readSecretValues,
  SecretsError,
  secretsFile as secretsFileOf,
  withPlatformOptions,
  type PlatformOptions,
  ProvehouseError,
} from '@provehouse/secrets';
import { Option, type Command } from 'commander';
import { clusterChecks } from './checks/index.ts';
import { platformChecks } from './checks/platform.ts';
import type { Contract } from './contract/contract.ts';
import type { Parameters } from './contract/parameters.ts';
import { readContract } from './contract/read-contract.ts';

const WORKSPACE = resolve(import.meta.dirname, '../../..');

/** The contract that is verified unless another one is named. */
export const DEFAULT_CONTRACT = join(
  WORKSPACE,
  'packages/etl-dags/contracts/hw16_data_loading_pipeline.yaml',
);

/** The checks that a contract may waive. */
const CHECK_NAMES = [...clusterChecks, ...platformChecks].map(({ name }) => name);

/** Which platform is verified against which contract, as it is said on the command line. */
export interface TargetOptions extends PlatformOptions {
  /** Deployment file of a platform wherever it is; instead of `home` and `name`. */
  readonly deployment?: string;
  readonly contract: string;
  /** Parameters that the contract may name, given as options. */
  readonly parameter?: Parameters;
}

/** A platform and what must be true of it. */
export interface Target {
  readonly deployment: Deployment;
  readonly deploymentFile: string;
  readonly contract: Contract;
  readonly secrets: Readonly<Record<string, string>>;
  readonly secretsFile: string;
  /** ClickHouse's administrator. */
  readonly administrator: Account;
}

/** Thrown when the secrets lack what is needed to log in, or are those of another cluster. */
export class TargetError extends ProvehouseError {
  override readonly name = 'TargetError';
}

/** Adds the options of a target to a command. */
export const withTargetOptions = (command: Command): Command =>
  withPlatformOptions(command)
    .option('--deployment <file>', 'deployment file of any platform, instead of a name', asGiven)
    .addOption(
      new Option('--contract <file>', 'contract that must hold')
        .default(DEFAULT_CONTRACT, 'that of hw16_data_loading_pipeline')
        .argParser(asGiven),
    );

function asGiven(path: string): string {
  return givenPath(path);
}

/** The deployment file that the options mean. @throws SecretsError for a name that cannot be one */
export const deploymentFileOf = ({
  deployment,
  home,
  name,
}: Pick<TargetOptions, 'deployment' | 'home' | 'name'>): string =>
  resolve(deployment ?? join(dirname(secretsFileOf(home, name)), 'deployment.json'));

/**
 * Reads everything that a target consists of; nothing is connected to yet. The path of the secrets
 * file counts from the folder of the deployment file.
 * @throws DeploymentError, ContractError, SecretsError, TargetError
 */
export async function readTarget(options: TargetOptions): Promise<Target> {
  const deploymentFile = deploymentFileOf(options);
  const [deployment, contract] = await Promise.all([
    readDeployment(deploymentFile),
    readContract(options.contract, {
      parameters: Object.keys(options.parameter ?? {}),
      checks: CHECK_NAMES,
    }),
  ]);
  const secretsFile = resolve(dirname(deploymentFile), deployment.secretsFile);
  const secrets = await readSecretValues(secretsFile).catch((cause: unknown) => {
    throw options.deployment === undefined ? cause : secretsError(deployment, secretsFile, cause);
  });
  const token = secrets['super_user_token'];
  const administrator = {
    user: needed(secrets, 'super_user_name', secretsFile),
    ...(token === undefined
      ? { password: needed(secrets, 'super_user_password', secretsFile) }
      : { password: '', token }),
  };
  const expected = deployment.clickhouse.users.administrator;
  if (administrator.user !== expected) {
    throw new TargetError(
      `Expected super_user_name to be ${expected}, the administrator in ${deploymentFile}; found another name in ${secretsFile}. Make the two agree.`,
    );
  }
  return { deployment, deploymentFile, contract, secrets, secretsFile, administrator };
}

/** Says where the deployment of somebody else has its secrets: nothing here could generate them. */
function secretsError({ secretsFile: field }: Deployment, file: string, cause: unknown): unknown {
  if (!(cause instanceof SecretsError) || !(cause.cause instanceof Error)) return cause;
  return new TargetError(
    `Expected the secrets of the deployment in ${file}, found no file that can be read (${cause.cause.message}). ` +
      `Its field secretsFile is ${field}, which counts from its folder. ` +
      'Write super_user_name=… and super_user_password=… into that file, with mode 0600.',
    { cause },
  );
}

function needed(secrets: Readonly<Record<string, string>>, field: string, file: string): string {
  const value = secrets[field];
  if (value === undefined || value === '') {
    throw new TargetError(
      `Expected ${field} in ${file}, found none. Add a line ${field}=…; bi_user_name and bi_user_password are optional.`,
    );
  }
  return value;
}
