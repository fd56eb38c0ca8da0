import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The namespace of UUIDs that are made of names which are locations (RFC 9562, appendix A). */
const NAMESPACE_URL = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/**
 * The identity of the server whose data are in a folder (`ServerUUID`): a UUID of version 5 from the
 * folder's path (RFC 9562, section 5.5).
 *
 * A server makes itself a random one on an empty disk, and then counts as a stranger at its own address
 * for as long as coordination keeps the session of the one before it. On a loopback address it leaves
 * statements ON CLUSTER to that one for good ("claimed by another replica").
 */
export function serverIdentity(dataFolder: string): string {
  const hash = createHash('sha1').update(NAMESPACE_URL).update(resolve(dataFolder)).digest();
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x50;
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80;
  const digits = hash.toString('hex', 0, 16);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Gives an empty data folder its server's identity; one that is there stays. */
export async function keepIdentity(dataFolder: string): Promise<void> {
  try {
    await writeFile(join(dataFolder, 'uuid'), serverIdentity(dataFolder), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
