import { cacheFolder } from '@provehouse/infra';
import { IMAGE_NAMES, type ImageName } from './image-set.ts';
import { provideImages } from './provide-images.ts';

const isName = (word: string): word is ImageName =>
  (IMAGE_NAMES as readonly string[]).includes(word);

const words = process.argv.slice(2);
const unknown = words.filter((word) => !isName(word));
if (words.includes('--help')) {
  process.stdout.write(
    `Usage: images.ts [${IMAGE_NAMES.join('|')} …]\nBuilds the images that no registry gives, all unless named.\n`,
  );
} else if (unknown.length > 0) {
  process.stderr.write(
    `Expected names out of ${IMAGE_NAMES.join(', ')}; found ${unknown.join(', ')}.\n`,
  );
  process.exitCode = 2;
} else {
  const names = words.length > 0 ? words.filter(isName) : IMAGE_NAMES;
  const built = await provideImages(names, {
    cache: cacheFolder(process.env),
    progress: (text) => process.stderr.write(`${text}\n`),
    environment: process.env,
  });
  for (const [name, { reference, standIn }] of Object.entries(built)) {
    process.stdout.write(`${name}: ${reference}${standIn ? ` (stand-in: ${standIn})` : ''}\n`);
  }
}
