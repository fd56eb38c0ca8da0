import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { ProvehouseError } from './provehouse-error.ts';

const VERSION = 0x80;
const CIPHER = 'aes-128-cbc';
const HEADER_BYTES = 1 + 8 + 16;
const HMAC_BYTES = 32;
const KEY_PATTERN = /^[\w-]{43}=$/;

/** Thrown for a key or token that is not one, or does not belong to the other. */
export class FernetError extends ProvehouseError {
  override readonly name = 'FernetError';
}

const encode = (bytes: Buffer): string =>
  bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest();

function splitKey(key: string): { signing: Buffer; encryption: Buffer } {
  if (!isFernetKey(key)) {
    throw new FernetError(
      `A Fernet key is 32 bytes in URL-safe base64, 44 characters; found ${key.length} characters.`,
    );
  }
  const bytes = Buffer.from(key, 'base64url');
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) };
}

/** Whether a text is a Fernet key: 32 bytes in URL-safe base64 with padding, 44 characters. */
export const isFernetKey = (text: string): boolean => KEY_PATTERN.test(text);

/** A new random Fernet key. */
export const generateFernetKey = (): string => encode(randomBytes(32));

/**
 * The Fernet token of a message, as of now.
 * Format: https://github.com/fernet/spec/blob/master/Spec.md
 * @throws FernetError for what is not a key
 */
export function encryptFernet(key: string, message: string): string {
  const { signing, encryption } = splitKey(key);
  const iv = randomBytes(16);
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)));
  const cipher = createCipheriv(CIPHER, encryption, iv);
  const ciphertext = Buffer.concat([cipher.update(message, 'utf8'), cipher.final()]);
  const signed = Buffer.concat([Buffer.of(VERSION), timestamp, iv, ciphertext]);
  return encode(Buffer.concat([signed, hmac(signing, signed)]));
}

/**
 * The message of a Fernet token; the token's age is not limited.
 * @throws FernetError for what is not a key or token, a changed token, and another key's token
 */
export function decryptFernet(key: string, token: string): string {
  const { signing, encryption } = splitKey(key);
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length <= HEADER_BYTES + HMAC_BYTES || bytes[0] !== VERSION) {
    throw new FernetError('Expected a Fernet token of version 128, found something else.');
  }
  const signed = bytes.subarray(0, -HMAC_BYTES);
  if (!timingSafeEqual(hmac(signing, signed), bytes.subarray(-HMAC_BYTES))) {
    throw new FernetError('The Fernet token was changed or made with another key.');
  }
  const decipher = createDecipheriv(CIPHER, encryption, signed.subarray(9, HEADER_BYTES));
  try {
    const message = [decipher.update(signed.subarray(HEADER_BYTES)), decipher.final()];
    return Buffer.concat(message).toString('utf8');
  } catch (cause) {
    throw new FernetError('The Fernet token is signed, but its content cannot be decrypted.', {
      cause,
    });
  }
}
