import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PROJECT = 'packages/etl-dags';
const NAME = /^[a-z][a-z0-9_]{2,29}$/;
/** Names that Python or the project has for something else. */
const TAKEN = /^(?:test|tests|dags|class|import|lambda|async|await|yield|return|global|nonlocal)$/;

/** Where each template goes. @type {(name: string) => Record<string, string>} */
const placesOf = (name) => ({
  'dag.py': `dags/${name}.py`,
  'init.py': `src/etl_dags/${name}/__init__.py`,
  'rows.py': `src/etl_dags/${name}/rows.py`,
  'tables.py': `src/etl_dags/${name}/tables.py`,
  'load.py': `src/etl_dags/${name}/load.py`,
  'validate.py': `src/etl_dags/${name}/validate.py`,
  'contract.yaml': `contracts/${name}.yaml`,
  'test_unit.py': `tests/unit/test_${name}.py`,
  'test_structure.py': `tests/integrity/test_${name}_structure.py`,
});

/**
 * Writes a pipeline that runs: DAG, package, contract and tests. Its rows are an example, to be replaced.
 * Generators: https://nx.dev/extending-nx/recipes/local-generators
 *
 * @param {Pick<import('nx/src/devkit-exports').Tree, 'exists' | 'write'>} tree
 * @param {{ name: string }} options
 * @throws Error for a name that cannot be one, or that there is already
 */
export default async function generateDag(tree, { name }) {
  if (!NAME.test(name) || TAKEN.test(name)) {
    throw new Error(
      `Expected the name of a DAG in lower case with underscores, 3 to 30 characters, such as daily_orders; found ${name}.`,
    );
  }
  const places = Object.entries(placesOf(name)).map(([template, place]) => ({
    template,
    path: join(PROJECT, place),
  }));
  const taken = [join(PROJECT, 'src/etl_dags', name), join(PROJECT, 'src/etl_dags', `${name}.py`)]
    .concat(places.map(({ path }) => path))
    .find((path) => tree.exists(path));
  if (taken !== undefined) {
    throw new Error(`Expected a name that nothing has yet; found ${taken}. Choose another name.`);
  }
  for (const { template, path } of places) {
    const file = join(import.meta.dirname, 'files', `${template}.template`);
    tree.write(
      path,
      withSortedImports((await readFile(file, 'utf8')).replaceAll('__NAME__', name)),
    );
  }
}

/** Imports of the project's own modules come by their names, and the new one is among them. @param {string} text */
const withSortedImports = (text) =>
  text.replaceAll(/(?:^ *from etl_dags\..*\n)+/gm, (block) => {
    const lines = block.trimEnd().split('\n');
    const module = (/** @type {string} */ line) => line.trim().split(' ')[1] ?? '';
    const order = (/** @type {string} */ left, /** @type {string} */ right) =>
      module(left) < module(right) ? -1 : 1;
    return `${lines.sort(order).join('\n')}\n`;
  });
