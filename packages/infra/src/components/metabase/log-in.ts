import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writePrivateFile } from '@provehouse/secrets';
import { readIfThere } from '../../system/read-if-there.ts';
import { MetabaseClient, MetabaseError, type MetabaseAccount } from './metabase-client.ts';

/** What Metabase calls itself on its pages. */
const SITE_NAME = 'Provehouse';

/**
 * Makes the administrator, or gives them the password that they should have, where it is another. A new password
 * takes the one before, which `keptPassword` has.
 * @param client asks as the administrator
 * @param keptPassword path of the file with the password that Metabase knows, written afterwards (0600)
 * @throws MetabaseError, also where neither password is valid
 */
export async function ensureAdministrator(
  client: MetabaseClient,
  url: string,
  account: MetabaseAccount,
  keptPassword: string,
): Promise<void> {
  const { isSetUp, setupToken } = await client.properties();
  if (!isSetUp) {
    if (setupToken === undefined) {
      throw new MetabaseError(
        `Expected Metabase at ${url} to give a setup token, because it has no user yet; found none. Look at its log: infra:logs metabase.`,
      );
    }
    await client.setUp(setupToken, SITE_NAME);
  } else if (!(await client.mayLogIn())) {
    await changePassword(url, account, await readIfThere(keptPassword));
  }
  await mkdir(dirname(keptPassword), { recursive: true, mode: 0o700 });
  await writePrivateFile(keptPassword, account.password, { replace: true });
}

async function changePassword(
  url: string,
  account: MetabaseAccount,
  before: string | undefined,
): Promise<void> {
  if (before !== undefined && before !== account.password) {
    await using client = new MetabaseClient(url, { ...account, password: before });
    // Awaited here: the client logs out at the end of the block.
    if (await client.mayLogIn()) return await client.changePassword(account.password);
  }
  throw new MetabaseError(
    `Expected Metabase at ${url} to know ${account.email} by metabase_admin_password of the secrets, or by the one that it had before; found that it refuses both. Somebody has changed it there: change it back, or write the valid one into the secrets file.`,
  );
}
