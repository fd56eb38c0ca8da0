import type { Secrets } from '@provehouse/secrets';
import { PlatformStateError } from '../../state/state-error.ts';
import { requiredSecret } from '../required-secret.ts';

/** The account by which Prometheus asks nodes for the state of their tables. */
export const MONITORING_ACCOUNT = 'monitoring';

/** That account with its password. @throws PlatformStateError where it has none, or the name is somebody else's */
export function monitorOf(secrets: Secrets): { readonly name: string; readonly password: string } {
  const { super_user_name, bi_user_name } = secrets;
  if ([super_user_name, bi_user_name].includes(MONITORING_ACCOUNT)) {
    throw new PlatformStateError(
      `Expected other names than ${MONITORING_ACCOUNT}, the account of Prometheus, for super_user_name and bi_user_name. Change them in the platform's secrets, or leave monitoring out of --with.`,
    );
  }
  return { name: MONITORING_ACCOUNT, password: requiredSecret(secrets, 'monitoring_password') };
}

/** A login that targets take. */
export interface TargetLogin {
  readonly of: 'clickhouse' | 'flower' | 'alertmanager';
  readonly user: string;
  readonly password: string;
}

/** The logins that the targets of a platform take. @throws PlatformStateError where a password is gone */
export function loginsOf(
  secrets: Secrets,
  { airflow }: { readonly airflow: boolean },
): TargetLogin[] {
  const { name: user, password } = monitorOf(secrets);
  const { flower_user, flower_password } = secrets;
  return [
    { of: 'clickhouse', user, password },
    { of: 'alertmanager', user, password },
    ...(airflow ? [{ of: 'flower' as const, user: flower_user, password: flower_password }] : []),
  ];
}
