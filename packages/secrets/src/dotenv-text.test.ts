import { describe, expect, it } from 'vitest';
import { parse } from 'dotenv';
import { parseDotenv, renderDotenv } from './dotenv-text.ts';
import { generateSecrets } from './generate.ts';
import { SecretsError } from './secrets-error.ts';

const SPECIAL = [...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ '];

describe('a value comes back as it was', () => {
  it.each([
    ...SPECIAL.map((character) => `in${character}side`),
    ...SPECIAL.map((character) => `${character}first`),
    ...SPECIAL.map((character) => `last${character}`),
    `'single'`,
    '"double"',
    '`back`',
    `all three '"\``,
    `quote ' and # hash`,
    `quotes '" and # hash`,
    String.raw`\n is no line break`,
    String.raw`"\n" with ' is none either`,
    'ключ 漢字 🔑',
    '${NAME} $NAME $(command)',
  ])('%j', (value) => {
    const text = renderDotenv({ before: 'x', value, after: "y'z" });
    expect(parse(text)).toEqual({ before: 'x', value, after: "y'z" });
  });
});

it('keeps or refuses any value in any company, but never changes one', () => {
  // Every combination of three characters that mean something to the parser, on neighbouring lines.
  const critical = [...`'"\`\\#n= `];
  const values = critical.flatMap((a) =>
    critical.flatMap((b) => critical.map((c) => `${a}${b}${c}`)),
  );
  const carried = values.filter((value) => {
    try {
      return renderDotenv({ value }) !== '';
    } catch (error) {
      expect(error).toBeInstanceOf(SecretsError);
      return false;
    }
  });
  expect(carried.length).toBeGreaterThan(values.length * 0.9);
  const record = Object.fromEntries(carried.map((value, index) => [`field_${index}`, value]));
  expect(parse(renderDotenv(record))).toEqual(record);
});

it.each([
  'two\nlines',
  'carriage\rreturn',
  'tab\tulator',
  'nul\0',
  'line\u2028separator',
  '\u{d800}',
])('refuses %j, naming the field and not the value', (value) => {
  expect(() => renderDotenv({ my_field: value })).toThrow(SecretsError);
  expect(() => renderDotenv({ my_field: value })).toThrow(/^my_field holds a line break/);
});

it('refuses a value with "#" and every kind of quote, which no quoting can carry', () => {
  expect(() => renderDotenv({ my_field: `#'"\`` })).toThrow(/^my_field holds a combination/);
});

it('carries generated secrets', () => {
  const secrets = generateSecrets();
  expect(parseDotenv(renderDotenv(secrets))).toEqual(secrets);
});

it('takes an empty value for an absent one', () => {
  expect(parseDotenv("telegram_bot_token=\nredis_password=''\nsuper_user_name=su\n")).toEqual({
    super_user_name: 'su',
  });
});
