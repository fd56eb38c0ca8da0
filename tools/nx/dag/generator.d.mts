import type { Tree } from 'nx/src/devkit-exports.js';

/** Writes a pipeline that runs: DAG, package, contract and tests. @throws Error for a name that cannot be one */
export default function generateDag(
  tree: Pick<Tree, 'exists' | 'write'>,
  options: { name: string },
): Promise<void>;
