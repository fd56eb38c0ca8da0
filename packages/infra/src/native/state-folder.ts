import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where everything of one native platform is: `<home>/<name>/`. */
export interface StateFolder {
  readonly root: string;
  readonly secretsFile: string;
  readonly deploymentFile: string;
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  readonly taskLogs: string;
  /** What lives as long as the processes: plan, pid. */
  readonly run: string;
  /** Folder of the control socket, short because a socket's path may have 107 bytes at most. */
  readonly socketFolder: string;
}

/** Thrown for a platform name that cannot be a folder's name. */
export class PlatformNameError extends Error {
  override readonly name = 'PlatformNameError';
}

/** The folders of the platform `name` below `home`. @throws PlatformNameError */
export function stateFolder(home: string, name: string): StateFolder {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new PlatformNameError(
      `A platform's name has 1 to 32 lower-case letters, digits and dashes; found ${JSON.stringify(name)}.`,
    );
  }
  const root = join(home, name);
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const logs = join(root, 'logs');
  return {
    root,
    secretsFile: join(root, 'secrets.env'),
    deploymentFile: join(root, 'deployment.json'),
    config: join(root, 'config'),
    data: join(root, 'data'),
    logs,
    taskLogs: join(logs, 'tasks'),
    run: join(root, 'run'),
    socketFolder: join(tmpdir(), `provehouse-${key}`),
  };
}
