import type { Secrets } from '@provehouse/secrets';
import { PlatformStateError } from '../../state/state-error.ts';

/** The token that was made because the platform has the API. @throws PlatformStateError where it is gone */
export function requiredToken({ api_token: token }: Secrets): string {
  if (token !== undefined) return token;
  throw new PlatformStateError(
    "Expected api_token in the platform's secrets, because it has the API; found none. Run infra:up, which makes it.",
  );
}
