import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A CLI configuration for Terraform and OpenTofu that takes one provider from a folder, all others as usual. */
export function cliConfiguration(mirror: string, provider: string): string {
  return `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = [${JSON.stringify(provider)}]
  }
  direct {
    exclude = [${JSON.stringify(provider)}]
  }
}
`;
}

/** The user's CLI configuration if it says itself where providers come from; undefined otherwise. */
export async function ownInstallation(
  environment: NodeJS.ProcessEnv,
  mirrorConfiguration: string,
): Promise<string | undefined> {
  const file =
    environment['TF_CLI_CONFIG_FILE'] ?? join(environment['HOME'] ?? homedir(), '.terraformrc');
  if (file === mirrorConfiguration) return undefined;
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\s*provider_installation\b/m.test(text) ? file : undefined;
}
