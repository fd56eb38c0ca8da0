import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { z } from 'zod';
import type { Secrets } from '@provehouse/secrets';
import { AirflowError } from '../airflow/airflow-error.ts';
import { giveInput } from '../system/give-input.ts';

const accountSchema = z.object({ password_hash: z.string(), flower_version: z.string() });

/** What Python says of the administrator's account. */
export type AirflowAccount = z.infer<typeof accountSchema>;

/** The administrator's password as Airflow stores it, and Flower's version, from one Python process. */
export async function askAccount(python: string, secrets: Secrets): Promise<AirflowAccount> {
  const child = spawn(python, [join(import.meta.dirname, 'airflow_account.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  giveInput(child.stdin, secrets.airflow_admin_password);
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0)
    throw new AirflowError(`The password hash could not be made (code ${String(code)}).`);
  return accountSchema.parse(JSON.parse(answer));
}

/** Gives the template's one account the name and password of this platform. */
export function accountSql(secrets: Secrets, passwordHash: string): string {
  const name = pg.escapeLiteral(secrets.airflow_admin_user);
  return `UPDATE ab_user SET username = ${name}, password = ${pg.escapeLiteral(passwordHash)}, active = true
    WHERE email = 'admin@localhost'`;
}
