import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { deploymentSchema, type Deployment, type NodeTls } from './deployment.ts';
import { describeIssues } from './deployment-issues.ts';
import { writeStateFile } from './state-file.ts';

/** Thrown for a deployment file that is absent, unreadable or not a deployment. */
export class DeploymentError extends ProvehouseError {
  override readonly name = 'DeploymentError';
}

/**
 * The deployment that a file describes.
 * @throws DeploymentError naming the file and every field that is wrong
 */
export async function readDeployment(file: string): Promise<Deployment> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DeploymentError(
      `No deployment at ${file}. Start a platform with \`npx nx run infra:up\`, or name the file of one.`,
      { cause },
    );
  }
  return withResolvedFiles(parseDeployment(text, file), dirname(file));
}

/** The same with every file where `place` puts it. */
const withPaths = (tls: NodeTls, place: (path: string) => string): NodeTls => ({
  ...tls,
  ...(tls.caFile !== undefined && { caFile: place(tls.caFile) }),
  ...(tls.certificateFile !== undefined && { certificateFile: place(tls.certificateFile) }),
  ...(tls.keyFile !== undefined && { keyFile: place(tls.keyFile) }),
});

/** A deployment whose certificate files are found from any folder. */
function withResolvedFiles(deployment: Deployment, folder: string): Deployment {
  const { clickhouse } = deployment;
  const nodes = clickhouse.nodes.map(({ tls, ...node }) => ({
    ...node,
    ...(tls && { tls: withPaths(tls, (path) => resolve(folder, path)) }),
  }));
  return { ...deployment, clickhouse: { ...clickhouse, nodes } };
}

/**
 * The deployment that a JSON text describes; `source` names it in errors.
 * @throws DeploymentError naming every field that is wrong, with its node and what it holds
 */
export function parseDeployment(text: string, source: string): Deployment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DeploymentError(`${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = deploymentSchema.safeParse(json);
  if (!parsed.success) {
    throw new DeploymentError(
      `${source} is not a deployment:\n${describeIssues(parsed.error, json)}`,
      { cause: parsed.error },
    );
  }
  return parsed.data;
}

/** Writes a deployment so that a reader sees the old one or the new one, never a part. */
export async function writeDeployment(file: string, deployment: Deployment): Promise<void> {
  await writeStateFile(file, deploymentSchema.parse(deployment));
}
