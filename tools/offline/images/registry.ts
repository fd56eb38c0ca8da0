/** Whether images come from a registry (`official`) or are built here (`stand-in`). */
export type ImageSource = 'official' | 'stand-in';

/** Thrown for a setting that is none. */
export class ImageSourceError extends Error {
  override readonly name = 'ImageSourceError';
}

export interface SourceQuestion {
  readonly environment: NodeJS.ProcessEnv;
  /** What has written the platform's data, which nothing else can serve. */
  readonly remembered?: ImageSource | undefined;
  /** Asks the engine for an official image: its mirrors and proxies count, and what it has. */
  readonly canPull: () => Promise<boolean>;
}

/**
 * Where images come from: what PROVEHOUSE_IMAGES says, else what the platform was made with, else whether
 * the engine gets an official one.
 * @throws ImageSourceError for another value than auto, official or stand-in
 */
export async function imageSource({
  environment,
  remembered,
  canPull,
}: SourceQuestion): Promise<ImageSource> {
  const wanted = environment['PROVEHOUSE_IMAGES'] ?? 'auto';
  if (wanted === 'official' || wanted === 'stand-in') return wanted;
  if (wanted !== 'auto') {
    throw new ImageSourceError(
      `PROVEHOUSE_IMAGES: expected auto, official or stand-in, found ${JSON.stringify(wanted)}.`,
    );
  }
  return remembered ?? ((await canPull()) ? 'official' : 'stand-in');
}
