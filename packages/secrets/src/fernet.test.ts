import { expect, it } from 'vitest';
import { runPython } from '../test/python.ts';
import {
  decryptFernet,
  encryptFernet,
  FernetError,
  generateFernetKey,
  isFernetKey,
} from './fernet.ts';

const MESSAGES = ['', 'a', 'sixteen bytes ok', 'ключ 🔑 "quoted" \\', 'x'.repeat(10_000)];

it('generates keys of 44 characters that decode to 32 bytes', () => {
  const key = generateFernetKey();
  expect(key).toHaveLength(44);
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  expect(isFernetKey(key)).toBe(true);
  expect(generateFernetKey()).not.toBe(key);
});

it.each(['', 'a'.repeat(44), `${'a'.repeat(43)}=\n`, `${'+'.repeat(43)}=`, `${'a'.repeat(42)}==`])(
  'does not take %j for a key',
  (text) => {
    expect(isFernetKey(text)).toBe(false);
    expect(() => encryptFernet(text, 'message')).toThrow(FernetError);
  },
);

it('makes keys and tokens that Python reads', () => {
  const key = generateFernetKey();
  const tokens = MESSAGES.map((message) => encryptFernet(key, message));
  const program = `
import json, sys
from cryptography.fernet import Fernet
given = json.load(sys.stdin)
fernet = Fernet(given["key"])
# A bounded age proves the timestamp as well.
print(json.dumps([fernet.decrypt(token, ttl=60).decode() for token in given["tokens"]]))
`;
  expect(runPython(program, { key, tokens })).toEqual(MESSAGES);
});

it('reads keys and tokens that Python makes', () => {
  const program = `
import json, sys
from cryptography.fernet import Fernet
key = Fernet.generate_key()
tokens = [Fernet(key).encrypt(message.encode()).decode() for message in json.load(sys.stdin)]
print(json.dumps({"key": key.decode(), "tokens": tokens}))
`;
  const made = runPython(program, MESSAGES) as { key: string; tokens: string[] };
  expect(made.tokens.map((token) => decryptFernet(made.key, token))).toEqual(MESSAGES);
});

it('refuses a token of another key', () => {
  const token = encryptFernet(generateFernetKey(), 'message');
  expect(() => decryptFernet(generateFernetKey(), token)).toThrow('made with another key');
});

it('refuses a token in which any byte was changed', () => {
  const key = generateFernetKey();
  const bytes = Buffer.from(encryptFernet(key, 'message'), 'base64url');
  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    expect(() => decryptFernet(key, changed.toString('base64url'))).toThrow(FernetError);
  }
});

it('refuses what is too short for a token', () => {
  expect(() => decryptFernet(generateFernetKey(), 'gAAAAA==')).toThrow('found something else');
});
