import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { CURRENT_DIALECT } from '../../clickhouse-dialect.ts';
import type { NodeEngine } from '../clickhouse.ts';
import { EngineError } from './engine.ts';

/** Path of the embedded engine's shared library. @throws EngineError with the command that installs it */
export function findEmbeddedEngine(): string {
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  const name = `@chdb/lib-${platform}`;
  const version = '26.7.3-stable.1';
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'libchdb.so');
  } catch (cause) {
    throw new EngineError(
      `The embedded ClickHouse engine for ${platform} is not installed. ` +
        `Try \`npm install --no-save ${name}@${version}\`.`,
      { cause },
    );
  }
}

/** Where the launcher of a node is. */
const launcher = join(import.meta.dirname, '../chdb_node.py');

/** Nodes that are the embedded engine, each in a process of Python. */
export const chdbEngine = (secrets: Secrets, python: string, library: string): NodeEngine => ({
  embedded: true,
  dialect: CURRENT_DIALECT,
  clusterLogin: { secret: secrets.interserver_password },
  companions: [],
  command: (node, { configFile, dataFolder }) => [
    python,
    launcher,
    library,
    configFile,
    dataFolder,
    node.host,
    String(node.httpPort),
    String(node.nativePort),
  ],
});
