import { cp, glob, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '@provehouse/infra';

/**
 * Starts a node whose disk may be empty: it then gets the definitions of its tables from its peer, and
 * the flag by which it fetches all their parts
 * (https://clickhouse.com/docs/engines/table-engines/mergetree-family/replication#recovery-after-complete-data-loss).
 */
export async function rebuildReplica(runtime: Runtime, node: string, peer: string): Promise<void> {
  const status = (await runtime.status()).find(({ name }) => name === node);
  if (status?.state === 'ready') return;
  const [own, other] = [node, peer].map((name) => runtime.dataFolder?.(name));
  if (own === undefined || other === undefined) {
    throw new RangeError(`the runtime gives no access to the disk of ${node}`);
  }
  if (!(await readdir(own)).includes('metadata')) await giveDefinitions(other, own);
  await runtime.start(node);
}

async function giveDefinitions(from: string, to: string): Promise<void> {
  const draft = await mkdtemp(join(tmpdir(), 'provehouse-definitions-'));
  // Links of Atomic databases lead from `metadata` into `store`, by relative paths.
  const whole = { recursive: true, verbatimSymlinks: true } as const;
  try {
    await mkdir(join(draft, 'flags'));
    await writeFile(join(draft, 'flags', 'force_restore_data'), '');
    await cp(join(from, 'metadata'), join(draft, 'metadata'), whole);
    for (const file of await definitionsInStore(from)) {
      await cp(join(from, file), join(draft, file), { recursive: true });
    }
    await cp(draft, to, whole);
  } finally {
    await rm(draft, { recursive: true });
  }
}

/** Where Atomic databases keep the definitions of their tables: `store/<first digits>/<UUID>/<table>.sql`. */
async function definitionsInStore(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('store/*/*/*.sql', { cwd: folder })) found.push(file);
  return found;
}
