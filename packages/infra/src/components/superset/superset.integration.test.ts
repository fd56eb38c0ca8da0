import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rotateSecrets, writeSecrets } from '@provehouse/secrets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../../../test/consumers.ts';
import {
  connectSuperset,
  expectTrueCharts,
  fillDemoTable,
  ownAssets,
} from '../../../test/demo-dashboard.ts';
import { withHardPasswords } from '../../../test/hard-passwords.ts';
import {
  expectNothingLeft,
  temporaryPlatform,
  type TemporaryPlatform,
} from '../../../test/temporary-platform.ts';
import { findSuperset } from '../../native/superset/programs.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import type { Deployment } from '../../state/deployment.ts';
import { archiveOf, assetFiles } from './assets.ts';
import type { Chart, SupersetClient } from './superset-client.ts';

const python = await findSuperset(cacheFolder(process.env));

describe.skipIf(python === undefined)(
  'a platform (skipped where Superset is not installed)',
  () => {
    let platform: TemporaryPlatform;
    let deployment: Deployment;
    beforeAll(async () => {
      platform = await temporaryPlatform('superset');
      deployment = await platform.runtime.up({
        ...{ without: ['airflow'], with: ['superset'] },
        ...{ shards: 1, replicas: 1, replication: 'distributed-writes' },
      });
    });
    afterAll(() => platform[Symbol.asyncDispose]());

    const connect = async (): Promise<SupersetClient> =>
      connectSuperset(deployment, await platform.secrets());

    const chartsOf = async (client: SupersetClient): Promise<readonly Chart[]> =>
      (await client.charts(deployment.superset!.dashboard)) ?? [];

    const postgres = async (database: string): Promise<unknown> => {
      const { superset_database_password: password = '' } = await platform.secrets();
      const { port } = deployment.postgres!;
      return answer(
        { user: 'superset', password, database, port },
        'SELECT count(*) > 0 FROM ab_user',
      );
    };

    test('each chart of the dashboard shows what ClickHouse answers to its statement', async () => {
      expect(deployment.superset!.version).toBe('6.1.0');
      const client = await connect();
      const [first] = await chartsOf(client);
      // The dashboard is there before the table is.
      await expect(client.chartData(first!.id, { force: true })).rejects.toThrow('UNKNOWN_TABLE');
      const secrets = await platform.secrets();
      await fillDemoTable(deployment, secrets);
      await expectTrueCharts(deployment, secrets);
    });

    test('its pages may load nothing from elsewhere', async () => {
      const page = await fetch(`${deployment.superset!.url}/login/`);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("img-src 'self' blob: data:");
      expect(policy).not.toMatch(/https?:|\.\w/);
    });

    test('its database is its own, and no other is open to it', async () => {
      expect(await postgres('superset')).toEqual([[true]]);
      await expect(postgres('airflow')).rejects.toThrow(/permission denied for database/);
    });

    test('no secret is in a command or a log, and the file with them is private', async () => {
      const secrets = await platform.secrets();
      const commands = (await platform.processes()).map((pid) =>
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
      );
      const log = await readFile(join(platform.runtime.directory, 'logs/superset.log'), 'utf8');
      const texts = [...(await Promise.all(commands)), log].join('\n');
      expect(texts).toContain('superset.app:create_app()');
      for (const secret of [
        ...[secrets.superset_admin_password, secrets.superset_database_password],
        ...[secrets.superset_secret_key, secrets.bi_user_password],
      ]) {
        expect(texts).not.toContain(secret);
        expect(texts).not.toContain(encodeURIComponent(secret ?? ''));
      }
      const file = join(platform.runtime.directory, 'config/superset/environment.json');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    });

    test('after a rotation everything is as it was, what people have added among it', async () => {
      const before = await platform.secrets();
      const client = await connect();
      const charts = await chartsOf(client);
      const { httpPort } = deployment.clickhouse.nodes[0]!;
      const place = { host: '127.0.0.1', port: httpPort, database: 'otus_default' };
      const { super_user_name: user, super_user_password: password } = before;
      await client.importAssets(archiveOf(ownAssets(assetFiles({ ...place, user, password }))));
      const rotated = withHardPasswords(rotateSecrets(before, ['superset_secret_key']), [
        ...['superset_admin_password', 'superset_database_password', 'bi_user_password'],
      ]);
      await writeSecrets(deployment.secretsFile, rotated, { force: true });
      deployment = await platform.runtime.restartAll();

      const after = await connect();
      expect(await chartsOf(after)).toEqual(charts);
      for (const all of [charts, (await after.charts('own')) ?? []]) {
        const { id } = all.find(({ name }) => name === 'Rows')!;
        expect((await after.chartData(id, { force: true })).rows).toEqual([{ rows: 100 }]);
      }
      await expect(chartsOf(connectSuperset(deployment, before))).rejects.toThrow(
        /with status 401/,
      );
    });

    test('it is stopped with the platform, and is not there where it is not asked for', async () => {
      await platform.runtime.down();
      await expectNothingLeft(platform);
      const bare = await platform.runtime.up({ with: [] });
      expect([bare.superset, bare.postgres]).toEqual([undefined, undefined]);
    });
  },
);
