import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '@provehouse/infra';
import type { Account } from '@provehouse/infra/clickhouse';
import { ProvehouseError, renderDotenv, writePrivateFile } from '@provehouse/secrets';

/** Thrown where files of an earlier time would be lost. */
export class FilesThereError extends ProvehouseError {
  override readonly name = 'FilesThereError';
}

/** The files that describe a cluster and what must be true of it. */
export const FILES = {
  deployment: 'deployment.json',
  contract: 'contract.yaml',
  secrets: 'secrets.env',
} as const;

/** Refuses a folder that has one of the files already. @throws FilesThereError */
export async function refuseFiles(folder: string): Promise<void> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept = Object.values(FILES).filter((file) => there.includes(file));
  if (kept.length > 0) {
    throw new FilesThereError(
      `Expected a folder without ${Object.values(FILES).join(', ')}, found ${kept.join(', ')} in ${folder}. ` +
        'Move them away, name another folder with --directory, or give --force to write them again.',
    );
  }
}

/** Writes the files; the secrets are for their owner only, and no secret is in the others. */
export async function writeCluster(
  folder: string,
  deployment: Deployment,
  contract: string,
  { user, password, token }: Account,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, FILES.deployment), `${JSON.stringify(deployment, null, 2)}\n`);
  await writeFile(join(folder, FILES.contract), contract);
  const secrets = {
    super_user_name: user,
    ...(token === undefined ? { super_user_password: password } : { super_user_token: token }),
  };
  const file = join(folder, FILES.secrets);
  await writePrivateFile(file, renderDotenv(secrets), { replace: true });
}
