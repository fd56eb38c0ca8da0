import { BROKER_ACCOUNT } from './accounts.ts';

/** Requests of Kafka, by their numbers: https://kafka.apache.org/protocol#protocol_api_keys */
const METADATA = 3;
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/**
 * What the health check of a container sends, in Base64, because it has no client of Kafka: the broker's
 * own login by PLAIN, and the question for the cluster.
 */
export function healthRequest(password: string): string {
  const login = Buffer.from(`\0${BROKER_ACCOUNT}\0${password}`);
  return Buffer.concat([
    request({ key: SASL_HANDSHAKE, version: 1, number: 1 }, text('PLAIN')),
    request({ key: SASL_AUTHENTICATE, version: 0, number: 2 }, int32(login.length), login),
    // Of no topic.
    request({ key: METADATA, version: 1, number: 3 }, int32(0)),
  ]).toString('base64');
}

/** A request with its size and its header, whose last field is a client without a name. */
function request(
  { key, version, number }: { key: number; version: number; number: number },
  ...body: readonly Buffer[]
): Buffer {
  const message = Buffer.concat([int16(key), int16(version), int32(number), text(''), ...body]);
  return Buffer.concat([int32(message.length), message]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
