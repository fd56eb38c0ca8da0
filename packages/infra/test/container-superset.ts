import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rotateSecrets, writeSecrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { archiveOf, assetFiles } from '../src/components/superset/assets.ts';
import { askHealth } from '../src/docker/ask-health.ts';
import { docker } from '../src/docker/engine.ts';
import type { UpOptions } from '../src/runtime.ts';
import { addressInside } from '../src/state/deployment.ts';
import { freeze } from './container-health.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { withHardPasswords } from './hard-passwords.ts';
import { connectSuperset, expectTrueCharts, fillDemoTable, ownAssets } from './demo-dashboard.ts';

const ROTATED = [
  'superset_admin_password',
  'superset_database_password',
  'superset_secret_key',
] as const;

/** Tests of Superset on a platform of one node without Airflow, to which the options add it. */
export function testSuperset(running: () => ContainerPlatform, options: UpOptions): void {
  test('Superset shows what ClickHouse answers, keeps it and what people have added through a rotation, and is unhealthy when it hangs', async () => {
    const platform = running();
    const up = { ...options, ports: platform.portsFor(options) };
    const deployment = await platform.runtime.up(up);
    const before = await platform.secrets();
    await fillDemoTable(deployment, before);
    await expectTrueCharts(deployment, before);
    const { host, httpPort: port } = addressInside(deployment.clickhouse.nodes[0]!);
    const { super_user_name: user, super_user_password: password } = before;
    const assets = assetFiles({ ...{ host, port, user, password }, database: 'otus_default' });
    const own = archiveOf(ownAssets(assets));
    await connectSuperset(deployment, before).importAssets(own);

    const after = withHardPasswords(rotateSecrets(before, [...ROTATED]), ROTATED);
    await writeSecrets(deployment.secretsFile, after, { force: true });
    // What a restart of the platform begins with; it goes on with what has no other secret now.
    const restarted = await platform.runtime.up(up);
    await expectTrueCharts(restarted, after);
    const client = connectSuperset(restarted, after);
    const rows = (await client.charts('own'))?.find(({ name }) => name === 'Rows');
    expect((await client.chartData(rows!.id, { force: true })).rows).toEqual([{ rows: 100 }]);
    const old = connectSuperset(restarted, before);
    await expect(old.charts('own')).rejects.toThrow(/with status 401/);

    const { superset = '', 'superset-migrate': job = '' } = await platform.ids();
    const texts = [
      await docker(['inspect', superset, job]),
      await docker(['logs', superset]),
      await docker(['logs', job]),
      await readFile(join(platform.runtime.directory, 'terraform/terraform.tfstate'), 'utf8'),
    ].join('\n');
    for (const secret of ROTATED.flatMap((name) => [before[name] ?? '', after[name] ?? ''])) {
      expect(secret.length).toBeGreaterThan(10);
      expect(texts).not.toContain(secret);
      expect(texts).not.toContain(encodeURIComponent(secret));
    }
    const key = ['stat', '--format', '%a %u', '/app/superset_home/secret-key'];
    expect(await docker(['exec', superset, ...key])).toBe('600 1000');

    {
      await using _frozen = await freeze(superset);
      expect(await askHealth(superset)).toMatchObject({ healthy: false });
    }
    await expect.poll(() => askHealth(superset)).toMatchObject({ healthy: true });
  });
}
