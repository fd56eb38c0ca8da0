import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCommand } from './command.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

/** An account with the privileges that `grants` prints, and `readonly = 1`. */
export const AUDITOR = { name: 'auditor', password: 'reads-only' };

/** Adds that account, for some databases, to every node. */
export async function addAuditor(
  { cluster, runtime }: ReplicatedCluster,
  databases: readonly string[],
): Promise<void> {
  const { name, password } = AUDITOR;
  const named = databases.flatMap((database) => ['--database', database]);
  const printed = await runCommand(['grants', '--user', name, ...named]);
  const [least = ''] = printed.stdout.split('-- To see more:');
  const grants = [...least.matchAll(/^GRANT (.+) TO `auditor`;/gm)].map(([, grant]) => grant);
  expect(grants).toHaveLength(2 + databases.length);
  const hash = createHash('sha256').update(password).digest('hex');
  const user = `<${name}><password_sha256_hex>${hash}</password_sha256_hex>
    <networks><ip>::/0</ip></networks><profile>auditing</profile><quota>default</quota>
    <grants>${grants.map((grant) => `<query>GRANT ${grant}</query>`).join('')}</grants></${name}>`;
  await Promise.all(
    cluster.nodes.map(async ({ node }) => {
      const users = join(runtime.directory, 'config', node.name, 'users.xml');
      const text = (await readFile(users, 'utf8'))
        .replace('</users>', `${user}</users>`)
        .replace('</profiles>', '<auditing><readonly>1</readonly></auditing></profiles>');
      await writeFile(users, text);
      await runtime.restart(node.name);
    }),
  );
}
