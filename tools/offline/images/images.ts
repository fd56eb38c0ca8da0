import { cacheFolder } from '@provehouse/infra';
import { SERVICE_IMAGES, type ServiceImage } from './image-set.ts';
import { provideImages } from './provide-images.ts';

const isName = (word: string): word is ServiceImage =>
  (SERVICE_IMAGES as readonly string[]).includes(word);

const words = process.argv.slice(2);
const unknown = words.filter((word) => !isName(word));
if (words.includes('--help')) {
  process.stdout.write(
    `Usage: images.ts [${SERVICE_IMAGES.join('|')} …]\nBuilds the images that no registry gives, all unless named.\n`,
  );
} else if (unknown.length > 0) {
  process.stderr.write(
    `Expected names out of ${SERVICE_IMAGES.join(', ')}; found ${unknown.join(', ')}.\n`,
  );
  process.exitCode = 2;
} else {
  const names = words.length > 0 ? words.filter(isName) : SERVICE_IMAGES;
  const built = await provideImages(names, {
    cache: cacheFolder(process.env),
    progress: (text) => process.stderr.write(`${text}\n`),
    environment: process.env,
  });
  for (const [name, { reference, standIn }] of Object.entries(built)) {
    process.stdout.write(`${name}: ${reference}${standIn ? ` (stand-in: ${standIn})` : ''}\n`);
  }
}
