import { join } from 'node:path';
import axios from 'axios';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import type { StateFolder } from '../state/state-folder.ts';

/** Thrown when supervisord cannot be started or refuses a call. */
export class SupervisorError extends ProvehouseError {
  override readonly name = 'SupervisorError';
  /** Code of the fault that it answered with (https://supervisord.org/api.html), if it did answer. */
  readonly faultCode: number | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly faultCode?: number }) {
    super(message, options);
    this.faultCode = options?.faultCode;
  }
}

/** The socket that supervisord is asked through. */
export const socketFile = (folder: StateFolder): string =>
  join(folder.socketFolder, 'supervisor.sock');

const builder = new XMLBuilder({ format: false });
const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name, path) =>
    name === 'member' || (name === 'value' && String(path).endsWith('data.value')),
});

const faultSchema = z.object({ faultCode: z.number(), faultString: z.string() });

/**
 * Calls supervisord over its socket (XML-RPC, https://supervisord.org/api.html).
 * @throws SupervisorError when it does not answer or answers with a fault
 */
export async function call(
  folder: StateFolder,
  method: string,
  ...parameters: readonly (string | boolean)[]
): Promise<unknown> {
  const param = parameters.map((value) => ({
    value: typeof value === 'string' ? { string: value } : { boolean: value ? 1 : 0 },
  }));
  let answer: { methodResponse?: { fault?: XmlValueHolder; params?: { param?: XmlValueHolder } } };
  try {
    const { data } = await axios.post<string>(
      'http://localhost/RPC2',
      builder.build({ methodCall: { methodName: method, params: { param } } }),
      {
        socketPath: socketFile(folder),
        headers: { 'content-type': 'text/xml' },
        timeout: 60_000,
        responseType: 'text',
        proxy: false,
      },
    );
    answer = parser.parse(data);
  } catch (cause) {
    throw new SupervisorError(`supervisord did not answer ${method}.`, { cause });
  }
  const { fault, params } = answer.methodResponse ?? {};
  if (fault) {
    const { faultCode, faultString } = faultSchema.parse(fromXmlRpc(fault.value));
    throw new SupervisorError(`supervisord refused ${method}: ${faultString} (${faultCode}).`, {
      faultCode,
    });
  }
  return fromXmlRpc(params?.param?.value);
}

interface XmlValueHolder {
  value?: XmlValue;
}
type XmlValue =
  | string
  | {
      int?: string;
      i4?: string;
      boolean?: string;
      string?: string;
      array?: { data?: { value?: XmlValue[] } };
      struct?: { member?: { name: string; value: XmlValue }[] };
    };

/** Plain data from a parsed XML-RPC value (http://xmlrpc.com/spec.md). */
function fromXmlRpc(value: XmlValue | undefined): unknown {
  if (value === undefined || typeof value === 'string') return value;
  const { int = value.i4, boolean, array, struct } = value;
  if (int !== undefined) return Number(int);
  if (boolean !== undefined) return boolean === '1';
  if (array !== undefined) return (array.data?.value ?? []).map(fromXmlRpc);
  if (struct !== undefined) {
    return Object.fromEntries(
      (struct.member ?? []).map((member) => [member.name, fromXmlRpc(member.value)]),
    );
  }
  return value.string ?? '';
}
