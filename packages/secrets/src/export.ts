import { renderDotenv } from './dotenv-text.ts';
import type { Secrets } from './fields.ts';

export const EXPORT_FORMATS = ['tfvars', 'dotenv', 'shell'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A word that a POSIX shell reads as this text, whatever it holds. */
const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const renderers: Readonly<Record<ExportFormat, (secrets: Secrets) => string>> = {
  tfvars: (secrets) => `${JSON.stringify(secrets, null, 2)}\n`,
  dotenv: renderDotenv,
  shell: ({ super_user_name, super_user_password }) =>
    `export CH_USER=${shellWord(super_user_name)}\n` +
    `export CH_PASSWORD=${shellWord(super_user_password)}\n`,
};

/**
 * Secrets as a text for other programs: `tfvars` is Terraform's JSON (in a file that ends in
 * `.tfvars.json`) for configurations that declare these variables, such as one for Grafana; Provehouse's
 * own declares none of them, because they would end in its state. `dotenv` has all fields, and `shell` sets the administrator's CH_USER and CH_PASSWORD.
 * @throws SecretsError for a value that dotenv cannot carry
 */
export const renderExport = (secrets: Secrets, format: ExportFormat): string =>
  renderers[format](secrets);
