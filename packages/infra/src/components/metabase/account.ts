import type { Secrets } from '@provehouse/secrets';
import { requiredSecret } from '../required-secret.ts';
import type { MetabaseAccount } from './metabase-client.ts';

/** By what the first user logs in; the domain is one that nobody has (RFC 2606), and Metabase wants a dot in it. */
export const METABASE_ADMIN = 'admin@provehouse.example';

/** Who may do everything in Metabase. @throws PlatformStateError without a password */
export const metabaseAdmin = (secrets: Secrets): MetabaseAccount => ({
  email: METABASE_ADMIN,
  password: requiredSecret(secrets, 'metabase_admin_password'),
});
