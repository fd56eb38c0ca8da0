import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCluster } from './test-cluster.ts';

/**
 * Changes one node's configuration file and restarts the node with it, until the end of the block.
 * @throws RangeError when the edit changes nothing: that would be no damage
 */
export async function editedConfig(
  { runtime }: TestCluster,
  node: string,
  file: 'config.xml' | 'users.xml',
  edit: (text: string) => string,
): Promise<AsyncDisposable> {
  const path = join(runtime.directory, 'config', node, file);
  const text = await readFile(path, 'utf8');
  const edited = edit(text);
  if (edited === text) throw new RangeError(`the edit leaves ${file} of ${node} as it is`);
  const apply = async (content: string): Promise<void> => {
    await writeFile(path, content);
    await runtime.restart(node);
  };
  await apply(edited);
  return { [Symbol.asyncDispose]: () => apply(text) };
}
