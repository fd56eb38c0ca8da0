import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Whether a file is there and may be executed. */
export const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The first program of a name on PATH or, where Debian keeps servers, in /usr/sbin. */
export async function findOnPath(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  for (const folder of [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    if (folder !== '' && (await isProgram(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}
