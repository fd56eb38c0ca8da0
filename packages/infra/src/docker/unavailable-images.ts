import type { Progress } from '../runtime.ts';
import { docker, EngineError } from './engine.ts';
import { OFFICIAL_IMAGES, type Images } from './images.ts';

export interface ImageQuestion {
  /** Names of the images that are asked for. */
  readonly names: readonly string[];
  /** References that somebody chose. */
  readonly chosen: Images;
  /** Whether the platform's other images were built here: then no registry is asked. */
  readonly standIns: boolean;
  readonly progress: Progress;
}

/**
 * Which of the images the engine cannot have, and why; the others it has afterwards.
 * @throws EngineError for one that was chosen and cannot be had
 */
export async function unavailableImages(question: ImageQuestion): Promise<Record<string, string>> {
  const { names, chosen } = question;
  const references = Object.entries({ ...OFFICIAL_IMAGES, ...chosen });
  const asked = references
    .filter(([name]) => names.includes(name))
    .map(async ([name, reference]): Promise<[string, string][]> => {
      const reason = await whyNotHad(name, reference, question);
      if (reason === undefined) return [];
      if (Object.hasOwn(chosen, name)) throw new EngineError(`--image ${name}: ${reason}.`);
      return [[name, reason]];
    });
  return Object.fromEntries((await Promise.all(asked)).flat());
}

async function whyNotHad(
  name: string,
  reference: string,
  { chosen, standIns, progress }: ImageQuestion,
): Promise<string | undefined> {
  if ((await docker(['image', 'ls', '--quiet', reference])) !== '') return undefined;
  if (standIns && !Object.hasOwn(chosen, name)) {
    return (
      `the platform's images were built here, and none was built instead of ${reference}. ` +
      `Load it into the engine (docker load), or name another: --image ${name}=REFERENCE`
    );
  }
  progress.message(`Pulling ${reference}.`);
  try {
    await docker(['pull', reference, '--quiet']);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const said = error.message.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '');
    return `${said}. Name an image that the engine gets: --image ${name}=REFERENCE`;
  }
}
