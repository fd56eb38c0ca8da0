import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';
import { z } from 'zod';
import { TerraformError } from './terraform-error.ts';

/** The `terraform` or `tofu` that is used. */
export interface TerraformProgram {
  readonly path: string;
  readonly version: string;
  /** Environment that it runs with. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Terraform's first version whose tests and validations the modules use; OpenTofu counts likewise. */
const OLDEST: readonly [number, number] = [1, 11];

const ADVICE =
  'Install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu ' +
  '(https://opentofu.org/docs/intro/install/), or set PROVEHOUSE_TERRAFORM to its path.';

/**
 * Finds PROVEHOUSE_TERRAFORM, `terraform` or `tofu`. Its provider comes from the mirror in the cache
 * where there is one.
 * @throws TerraformError when there is none, or one that is too old
 */
export async function findTerraform(
  environment: NodeJS.ProcessEnv,
  cache: string,
): Promise<TerraformProgram> {
  const set = environment['PROVEHOUSE_TERRAFORM'];
  const tried = set === undefined ? ['terraform', 'tofu'] : [set];
  const used = terraformEnvironment(environment, cache);
  for (const path of tried) {
    const version = await askVersion(path, used);
    if (version === undefined) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
      throw new TerraformError(
        `Expected ${path} ${OLDEST.join('.')} or newer, found ${version}. ${ADVICE}`,
      );
    }
    return { path, version, environment: used };
  }
  throw new TerraformError(`Expected ${tried.join(' or ')}, found none. ${ADVICE}`);
}

async function askVersion(
  path: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const result = await $({ quiet: true, nothrow: true, env: environment })`${path} version -json`;
  if (result.exitCode !== 0) return undefined;
  return z.object({ terraform_version: z.string() }).parse(JSON.parse(result.stdout))
    .terraform_version;
}

function terraformEnvironment(environment: NodeJS.ProcessEnv, cache: string): NodeJS.ProcessEnv {
  const mirror = join(cache, 'provider-mirror', 'terraform.tfrc');
  return {
    ...environment,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    // It makes much garbage of little: collecting less often, and in earnest from half a gigabyte on,
    // saves it two fifths of its processor time (https://go.dev/doc/gc-guide).
    GOGC: environment['GOGC'] ?? '1600',
    GOMEMLIMIT: environment['GOMEMLIMIT'] ?? '512MiB',
    // It is only there where the registry is not reached and nothing else says where providers are.
    ...(existsSync(mirror) && { TF_CLI_CONFIG_FILE: mirror }),
  };
}
