import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { ProvehouseError } from '@provehouse/secrets';
import type { NodeTls } from '../state/deployment.ts';

/** Thrown for a certificate or key file that cannot be read. */
export class TlsFileError extends ProvehouseError {
  override readonly name = 'TlsFileError';
}

/** What Node.js' TLS takes (https://nodejs.org/api/tls.html#tlsconnectoptions-callback). */
export interface TlsOptions {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

/** The options by which a node's certificate is judged and one's own is shown. @throws TlsFileError */
export function tlsOptions({ caFile, certificateFile, keyFile, insecure }: NodeTls): TlsOptions {
  return {
    // A list of one's own replaces the usual one, which stays trusted.
    ...(caFile !== undefined && { ca: [...rootCertificates, textOf(caFile)] }),
    ...(certificateFile !== undefined && { cert: textOf(certificateFile) }),
    ...(keyFile !== undefined && { key: textOf(keyFile) }),
    rejectUnauthorized: insecure !== true,
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TlsFileError(
      `Expected a certificate or key in ${file}, found no file that can be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). Correct the path.`,
      { cause },
    );
  }
}
