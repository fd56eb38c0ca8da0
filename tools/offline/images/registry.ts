/** Whether images come from a registry (`official`) or are built here (`stand-in`). */
export type ImageSource = 'official' | 'stand-in';

/** Thrown for a setting that is none. */
export class ImageSourceError extends Error {
  override readonly name = 'ImageSourceError';
}

const REGISTRY = 'https://registry-1.docker.io/v2/';

/**
 * Where images come from: what PROVEHOUSE_IMAGES says, or else whether the registry answers at all
 * (it refuses an anonymous question with 401, which is an answer).
 * @throws ImageSourceError for another value than auto, official or stand-in
 */
export async function imageSource(
  environment: NodeJS.ProcessEnv,
  ask: typeof fetch = fetch,
): Promise<ImageSource> {
  const wanted = environment['PROVEHOUSE_IMAGES'] ?? 'auto';
  if (wanted === 'official' || wanted === 'stand-in') return wanted;
  if (wanted !== 'auto') {
    throw new ImageSourceError(
      `PROVEHOUSE_IMAGES: expected auto, official or stand-in, found ${JSON.stringify(wanted)}.`,
    );
  }
  try {
    const { status } = await ask(REGISTRY, { signal: AbortSignal.timeout(3000) });
    return status === 200 || status === 401 ? 'official' : 'stand-in';
  } catch {
    return 'stand-in';
  }
}
