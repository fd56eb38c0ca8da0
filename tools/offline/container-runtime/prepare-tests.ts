import { cacheFolder } from '@provehouse/infra';
import { hasEngine } from '../images/docker.ts';
import { SERVICE_IMAGES } from '../images/image-set.ts';
import { provideImages, WITH_MODULES } from '../images/provide-images.ts';
import { providerMirror } from '../provider-mirror/provider-mirror.ts';

/** Provides what all tests with containers need; without an engine these tests say why they are skipped. */
const progress = (message: string): boolean => process.stderr.write(`${message}\n`);
if (await hasEngine()) {
  const options = {
    cache: cacheFolder(process.env),
    progress,
    environment: process.env,
    // One for the tests of all platforms: to build both takes longer.
    airflow: { ...WITH_MODULES, names: ['airflow', 'airflow-modules'] as const },
  };
  await Promise.all([provideImages(SERVICE_IMAGES, options), providerMirror(options)]);
} else {
  progress('NO CONTAINER ENGINE: tests with containers will be skipped.');
}
