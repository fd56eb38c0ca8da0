import { z } from 'zod';
import images from '../../terraform/images.json' with { type: 'json' };
import { PlatformStateError } from '../state/state-error.ts';

/** What an image can be chosen for: the services, and the Python that those of BUILT_IMAGES are built on. */
export const IMAGE_NAMES = [
  'clickhouse',
  'keeper',
  'postgres',
  'redis',
  'airflow',
  'superset',
  'minio',
  'kafka',
  'prometheus',
  'alertmanager',
  'postgres_exporter',
  'redis_exporter',
  'statsd_exporter',
  'verdict_exporter',
  'grafana',
  'metabase',
  'python',
] as const;

export type ImageName = (typeof IMAGE_NAMES)[number];

/** The images that are in no registry: they are built from locked Python packages. */
export const BUILT_IMAGES = ['airflow', 'superset'] as const satisfies readonly ImageName[];

export type BuiltImage = (typeof BUILT_IMAGES)[number];

/** References of images by what they serve. */
export type Images = Readonly<Partial<Record<ImageName, string>>>;

/** The images that are used unless others are chosen; Terraform reads the same file. */
export const OFFICIAL_IMAGES: Readonly<Record<ImageName, string>> = z
  .record(z.enum(IMAGE_NAMES), z.string())
  .parse(images);

/**
 * The images out of words such as `redis=registry.example:5000/valkey/valkey:9.1.2`.
 * @throws PlatformStateError for a word of another form, a name that no image has, or a reference that
 * names neither a version nor a digest
 */
export function parseImages(words: readonly string[]): Images {
  return Object.fromEntries(
    words.map((word) => {
      const [, name = '', reference = ''] = /^(\w+)=(\S+)$/.exec(word) ?? [];
      if (!isImageName(name)) {
        throw new PlatformStateError(
          `--image: expected NAME=REFERENCE with a name out of ${IMAGE_NAMES.join(', ')}; found ${JSON.stringify(word)}.`,
        );
      }
      const problem = problemOf(reference);
      if (problem !== undefined) throw new PlatformStateError(`--image ${name}: ${problem}`);
      return [name, reference];
    }),
  );
}

const isImageName = (word: string): word is ImageName =>
  (IMAGE_NAMES as readonly string[]).includes(word);

/** What is wrong with a reference, if anything; Terraform's variable `images` refuses the same. */
function problemOf(reference: string): string | undefined {
  if (!/^[^@]+:[\w.-]+$|@sha256:[0-9a-f]{64}$/.test(reference) || reference.endsWith(':latest')) {
    return `expected a version or a digest, because without one another image may run tomorrow; found ${reference}.`;
  }
  if (reference.includes('distroless')) {
    return `expected an image with a shell, because health checks run in one; found ${reference}. The usual and the -alpine variants have one.`;
  }
  return undefined;
}
