import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import axios from 'axios';
import { expect, test } from 'vitest';
import { readDeployment } from '../../src/state/deployment-file.ts';
import { stateFolder } from '../../src/state/state-folder.ts';
import type { ContainerPlatform } from '../container-platform.ts';
import { GREETING } from './index.ts';

/** A test of a platform in containers that may be made of the toy, too. */
export function testToyContainer(running: () => ContainerPlatform): void {
  test('a component that only its descriptor and its module know runs in a container and is shown', async () => {
    const { name, home, runtime } = running();
    const status = (await runtime.status()).find((one) => one.name === 'toy');
    expect(status).toMatchObject({ kind: 'toy', state: 'ready' });
    const { address = '', url = '' } = status ?? {};
    expect(url).toBe(`http://${address}`);
    expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);
    const { components } = await readDeployment(stateFolder(home, name).deploymentFile);
    const container = `provehouse-${name}-toy`;
    expect(components).toContainEqual({ name: 'toy', kind: 'toy', address, container });

    await runtime.restart('toy');
    expect((await axios.get(url, { proxy: false })).data).toBe(GREETING);
    const terraform = await readdir(join(runtime.directory, 'terraform'));
    expect(terraform).toContain('component.toy.tf.json');
  });
}
