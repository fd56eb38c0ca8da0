import type { Evidence } from '../verdict.ts';

/** Evidence as CSV with a heading, quoted as RFC 4180 says. */
export function evidenceCsv({ columns, rows }: Evidence): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
