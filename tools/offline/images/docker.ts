import { $ } from 'zx';

/** Thrown when the container engine refuses something; holds its last words. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
}

/** Output of a docker command. @throws DockerError */
export async function docker(words: readonly string[], input?: string): Promise<string> {
  const result = await $({
    quiet: true,
    nothrow: true,
    ...(input !== undefined && { input }),
  })`docker ${words}`;
  if (result.exitCode === 0) return result.stdout.trim();
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new DockerError(`docker ${words.slice(0, 2).join(' ')} failed:\n${said}`);
}

/** Whether the engine has the image already, by version or by digest. */
export const hasImage = (reference: string): Promise<boolean> =>
  docker(['image', 'inspect', '--format', '{{.Id}}', reference]).then(
    () => true,
    () => false,
  );

/** Whether an engine answers. */
export const hasEngine = (): Promise<boolean> =>
  docker(['version', '--format', '{{.Server.Version}}']).then(
    () => true,
    () => false,
  );
