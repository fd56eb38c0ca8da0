import { randomBytes, scryptSync } from 'node:crypto';
import pg from 'pg';
import type { Secrets } from '@provehouse/secrets';
import { requiredSecret } from '../required-secret.ts';
import type { SupersetAccount } from './superset-client.ts';

/** The administrator's name; the account was made with the database. */
export const SUPERSET_ADMIN = 'admin';

/** Who may do everything in Superset. @throws PlatformStateError without a password */
export const supersetAdmin = (secrets: Secrets): SupersetAccount => ({
  username: SUPERSET_ADMIN,
  password: requiredSecret(secrets, 'superset_admin_password'),
});

/** Gives the administrator the password of this platform. */
export const passwordSql = (secrets: Secrets): string =>
  `UPDATE ab_user SET password = ${pg.escapeLiteral(hashOf(supersetAdmin(secrets).password))}, active = true
    WHERE username = ${pg.escapeLiteral(SUPERSET_ADMIN)}`;

/** As Werkzeug keeps it: https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash */
function hashOf(password: string): string {
  const [cost, blockSize, parallelization] = [32_768, 8, 1];
  const salt = randomBytes(12).toString('base64url').replaceAll(/[-_]/g, 'x');
  const maxmem = 132 * cost * blockSize * parallelization;
  const key = scryptSync(password, salt, 64, { cost, blockSize, parallelization, maxmem });
  return `scrypt:${cost}:${blockSize}:${parallelization}$${salt}$${key.toString('hex')}`;
}
