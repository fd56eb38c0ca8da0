import { expect, test } from 'vitest';
import { BUCKETS } from '../src/clickhouse/storage.ts';
import { docker } from '../src/docker/engine.ts';
import type { UpOptions } from '../src/runtime.ts';
import type { ContainerPlatform } from './container-platform.ts';
import { disks, fill, objects, query, ROWS } from './stored-table.ts';

/** A test of a platform with one node and storage for backups, which it leaves whole. */
export function testBackups(running: () => ContainerPlatform, options: UpOptions): void {
  test('a backup in the bucket brings a table back when the node has lost its disk', async () => {
    const platform = running();
    const filled = await fill(platform);
    expect(await disks(platform)).toBe('default');
    const places = ['folder', 'archive.tar.gz'].map((name) => `Disk('backups', '${name}')`);
    for (const place of places) {
      const backup = `BACKUP TABLE otus_default.kept TO ${place}`;
      expect(await query(platform, backup)).toMatch(/\tBACKUP_CREATED$/);
    }
    expect(await objects(platform, BUCKETS.backups)).toBeGreaterThan(places.length);
    // What a start has written to prove the disk is gone.
    const kept = await query(
      platform,
      "SELECT count() FROM system.databases WHERE name LIKE '%proof%'",
    );
    expect(kept).toBe('0');
    const { minio = '', 'clickhouse-01': node = '' } = await platform.ids();
    expect(await docker(['exec', minio, 'find', '/data', '-name', 'storage-proof*'])).toBe('');

    await docker(['rm', '--force', node]);
    await docker(['volume', 'rm', `provehouse-${platform.name}-clickhouse-01-data`]);
    await platform.runtime.up({ ...options, ports: platform.portsFor(options) });
    for (const place of places) {
      expect(await query(platform, ROWS)).toContain('UNKNOWN_TABLE');
      const restore = `RESTORE TABLE otus_default.kept FROM ${place}`;
      expect(await query(platform, restore)).toMatch(/\tRESTORED$/);
      expect(await query(platform, ROWS)).toBe(filled);
      await query(platform, 'DROP TABLE otus_default.kept SYNC');
    }
  });
}
