import { createConnection, isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ClickHouseNode } from '@provehouse/infra';
import { QueryError, tlsOptions, type Account } from '@provehouse/infra/clickhouse';

const TIMEOUT_MS = 10_000;
/** An old revision, which every server still speaks: the greeting has few fields in it. */
const REVISION = 54_032;
const EXCEPTION = 2;

/**
 * Greets a node's native port with an account and gives ClickHouse's error code of the refusal, or
 * undefined when the account was accepted.
 * Protocol: https://clickhouse.com/docs/native-protocol/client#hello
 * @throws QueryError when the node does not answer as a ClickHouse server
 */
export async function nativeLogin(
  { name, host, nativePort, tls }: ClickHouseNode,
  account: Account,
): Promise<string | undefined> {
  const place = `${name} (${host}:${nativePort})`;
  const address = { host, port: nativePort, timeout: TIMEOUT_MS };
  const socket = tls
    ? // Names alone may be asked for: https://www.rfc-editor.org/rfc/rfc6066#section-3
      connect({ ...address, ...tlsOptions(tls), ...(isIP(host) === 0 && { servername: host }) })
    : createConnection(address);
  socket.once('timeout', () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
  try {
    socket.write(hello(account));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer[0] === 0) return undefined;
      if (answer[0] === EXCEPTION && answer.length >= 5) return String(answer.readInt32LE(1));
      if (answer[0] !== EXCEPTION) break;
    }
    throw new Error('expected the greeting of a ClickHouse server, found something else');
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new QueryError(`${place}, native port: ${said}`, undefined, { cause });
  } finally {
    socket.destroy();
  }
}

const hello = ({ user, password }: Account): Buffer =>
  Buffer.concat([
    ...[variableLength(0), text('provehouse'), variableLength(1), variableLength(0)],
    ...[variableLength(REVISION), text(''), text(user), text(password)],
  ]);

const text = (value: string): Buffer =>
  Buffer.concat([variableLength(Buffer.byteLength(value)), Buffer.from(value)]);

/** A number in unsigned LEB128. */
function variableLength(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return Buffer.from([...bytes, value]);
}
