import type { ClusterHost, ConfigFile } from './test-cluster.ts';

/**
 * Changes one node's configuration file and restarts the node with it, until the end of the block.
 * @throws RangeError when the edit changes nothing: that would be no damage
 */
export async function editedConfig(
  { runtime, readConfig, writeConfig }: Pick<ClusterHost, 'runtime' | 'readConfig' | 'writeConfig'>,
  node: string,
  file: ConfigFile,
  edit: (text: string) => string,
): Promise<AsyncDisposable> {
  const text = await readConfig(node, file);
  const edited = edit(text);
  if (edited === text) throw new RangeError(`the edit leaves ${file} of ${node} as it is`);
  const apply = async (content: string): Promise<void> => {
    await writeConfig(node, file, content);
    await runtime.restart(node);
  };
  await apply(edited);
  return { [Symbol.asyncDispose]: () => apply(text) };
}
