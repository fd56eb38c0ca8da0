import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { $ } from 'zx';
import { whyNoContainers } from '../../test/container-platform.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import { OFFICIAL_IMAGES } from './images.ts';
import { readProvidedImages } from './provided-images.ts';
import { findTerraform } from './terraform-program.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const MODULE = join(import.meta.dirname, '../../terraform/modules/container');

test('a job that failed fails the apply, and runs again at the next one', async () => {
  const platform = `test-${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  const cache = cacheFolder(process.env);
  const { redis } = await readProvidedImages(cache);
  const { path, environment: env } = await findTerraform(process.env, cache);
  const terraform = $({ cwd: folder, env, quiet: true, nothrow: true });
  await cp(MODULE, join(folder, 'container'), { recursive: true });
  await cp(join(MODULE, 'terraform.tf'), join(folder, 'terraform.tf'));
  const name = `provehouse-${platform}-job`;
  const labels = { label: 'org.provehouse.platform', value: platform };
  const configuration = {
    resource: {
      docker_image: {
        this: { name: redis?.reference ?? OFFICIAL_IMAGES.redis, keep_locally: true },
      },
      docker_network: { this: { name, labels } },
      docker_volume: { this: { name, labels } },
    },
    module: {
      job: {
        source: './container',
        ...{ platform, component: 'job', kind: 'redis', user: '0:0', memory_mib: 128 },
        image_id: '${docker_image.this.image_id}',
        networks: ['${docker_network.this.name}'],
        volumes: { '/memory': '${docker_volume.this.name}' },
        // Fails the first time, though nothing that Terraform knows is different the second time.
        entrypoint: ['sh', '-c', 'test -e /memory/tried || { touch /memory/tried; exit 3; }'],
      },
    },
  };
  await writeFile(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  try {
    const prepared = await terraform`${path} init -input=false -no-color`;
    expect(prepared.exitCode, prepared.stderr).toBe(0);
    const first = await terraform`${path} apply -auto-approve -input=false -no-color`;
    expect(first.exitCode).toBe(1);
    // Terraform breaks its lines where it likes.
    expect(first.stderr.replace(/\s+/g, ' ')).toContain(
      `The job job ended (docker logs ${name}) with code 3`,
    );
    const second = await terraform`${path} apply -auto-approve -input=false -no-color`;
    expect(second.stderr).toBe('');
    expect(second.stdout).toContain('1 added, 0 changed, 1 destroyed');
    const third = await terraform`${path} plan -detailed-exitcode -input=false -no-color`;
    expect(third.exitCode, third.stdout).toBe(0);
  } finally {
    await terraform`${path} destroy -auto-approve -input=false -no-color`;
    await rm(folder, { recursive: true });
  }
});
