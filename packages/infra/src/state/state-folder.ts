import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { secretsFile } from '@provehouse/secrets';

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

/** The folders of the platform `name` below `home`. @throws SecretsError for a name that cannot be one */
export function stateFolder(home: string, name: string): StateFolder {
  const secrets = secretsFile(home, name);
  const root = dirname(secrets);
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const logs = join(root, 'logs');
  return {
    root,
    secretsFile: secrets,
    deploymentFile: join(root, 'deployment.json'),
    config: join(root, 'config'),
    data: join(root, 'data'),
    logs,
    taskLogs: join(logs, 'tasks'),
    run: join(root, 'run'),
    socketFolder: join(tmpdir(), `provehouse-${key}`),
  };
}
