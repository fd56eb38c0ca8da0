import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '@provehouse/infra';
import type { ClusterHost, ConfigFile } from './test-cluster.ts';

/** The configuration files of nodes that run as processes. */
export function configFiles({
  directory,
}: Pick<Runtime, 'directory'>): Pick<ClusterHost, 'readConfig' | 'writeConfig'> {
  const path = (node: string, file: ConfigFile) => join(directory, 'config', node, file);
  return {
    readConfig: (node, file) => readFile(path(node, file), 'utf8'),
    writeConfig: (node, file, text) => writeFile(path(node, file), text),
  };
}
