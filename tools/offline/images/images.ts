import { cacheFolder } from '@provehouse/infra';
import { isServiceImage } from './image-set.ts';
import { IMAGE_LIST, provideImages, WITH_MODULES } from './provide-images.ts';

const NAMES: readonly string[] = IMAGE_LIST;

const words = process.argv.slice(2);
const unknown = words.filter((word) => !NAMES.includes(word));
if (words.includes('--help')) {
  process.stdout.write(
    `Usage: images.ts [${NAMES.join('|')} …]\nBuilds the images that no registry gives, all unless named.\n`,
  );
} else if (unknown.length > 0) {
  process.stderr.write(`Expected names out of ${NAMES.join(', ')}; found ${unknown.join(', ')}.\n`);
  process.exitCode = 2;
} else {
  const options = {
    cache: cacheFolder(process.env),
    progress: (text: string) => process.stderr.write(`${text}\n`),
    environment: process.env,
  };
  const names = words.length > 0 ? words : NAMES;
  const built = {
    ...(await provideImages(names.filter(isServiceImage), options)),
    ...(names.includes('airflow-modules') &&
      (await provideImages(['airflow'], { ...options, airflow: WITH_MODULES }))),
  };
  for (const [name, { reference, standIn }] of Object.entries(built)) {
    process.stdout.write(`${name}: ${reference}${standIn ? ` (stand-in: ${standIn})` : ''}\n`);
  }
}
