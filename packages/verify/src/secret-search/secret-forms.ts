import { FIELDS } from '@provehouse/secrets';

/** A way in which a secret may be written somewhere. */
export interface SecretForm {
  readonly field: string;
  /** `plain`, `URL`, `base64`, `XML` or `JSON`. */
  readonly form: string;
  readonly text: string;
}

/** Shorter values occur by chance in any log. */
export const SHORTEST_SEARCHED = 8;

const fields: Readonly<Record<string, { readonly kind: string } | undefined>> = FIELDS;

const OPEN_KINDS: readonly string[] = ['account-name', 'email', 'telegram-chat', 'url'];

/** The fields whose values are secret: all but names of accounts and addresses. */
export function secretFields(
  secrets: Readonly<Record<string, string | undefined>>,
): { readonly field: string; readonly value: string }[] {
  return Object.entries(secrets).flatMap(([field, value]) => {
    const open = OPEN_KINDS.includes(fields[field]?.kind ?? '');
    return open || value === undefined || value === '' ? [] : [{ field, value }];
  });
}

/** Every form in which a secret may be written, each text once. */
export function secretForms(field: string, value: string): SecretForm[] {
  const forms: readonly (readonly [string, string])[] = [
    ['plain', value],
    ['URL', encodeURIComponent(value)],
    ['URL', percentEncode(value)],
    ['URL', percentEncode(value).replaceAll('%20', '+')],
    ['XML', escapeXml(value, '&apos;')],
    ['XML', escapeXml(value, '&#39;')],
    ['XML', escapeXml(value, '&#x27;')],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ...base64Cores(value).flatMap((core) => [
      ['base64', core] as const,
      ['base64', core.replaceAll('+', '-').replaceAll('/', '_')] as const,
    ]),
  ];
  const byText = new Map(forms.toReversed().map(([form, text]) => [text, form]));
  return [...byText].map(([text, form]) => ({ field, form, text }));
}

/** All but RFC 3986's unreserved characters encoded, as most languages do outside of browsers. */
const percentEncode = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const escapeXml = (value: string, apostrophe: string): string =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);

/**
 * What stays the same of the value's base64 whatever stands before and after it, such as the user in
 * an HTTP Basic header: one text for each place in a group of three bytes where it may begin.
 */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    return encoded.slice(first, last);
  });
}
