import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { runPython } from '../test/python.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { contentProblems } from './check.ts';
import { renderExport } from './export.ts';
import { generateSecrets } from './generate.ts';
import { readSecrets, writeSecrets } from './secrets-file.ts';

/** Every special character of a keyboard but the backtick, the one that a dotenv file needs for itself. */
const NASTY = `aA1!"#$%&'()*+,-./:;<=>?@[\\]^_{|}~ \${HOME} %{if} $(id) \\n ]]> &amp; ключ 漢 🔑`;

const secrets = { ...generateSecrets(), super_user_password: NASTY };

it('is a password that check accepts', () => {
  expect(contentProblems(secrets)).toEqual([]);
});

it.each(['postgresql', 'redis'])('arrives in a %s:// URL', (scheme) => {
  const url = new URL(`${scheme}://su:${encodeURIComponent(NASTY)}@127.0.0.1:5432/0`);
  expect(decodeURIComponent(url.password)).toBe(NASTY);
  expect([url.hostname, url.port, url.pathname]).toEqual(['127.0.0.1', '5432', '/0']);
});

it('arrives in XML, read by two parsers', () => {
  const xml = new XMLBuilder().build({ clickhouse: { password: NASTY } });
  const options = { parseTagValue: false, trimValues: false };
  expect(new XMLParser(options).parse(xml)).toEqual({ clickhouse: { password: NASTY } });
  const program = `
import json, sys, xml.etree.ElementTree as tree
print(json.dumps(tree.fromstring(json.load(sys.stdin)).findtext("password")))
`;
  expect(runPython(program, xml)).toBe(NASTY);
});

it('arrives in the secrets file', async () => {
  const file = join(await temporaryFolder(), 'secrets.env');
  await writeSecrets(file, secrets);
  expect(await readSecrets(file)).toEqual(secrets);
});

it('arrives in a JSON document that Python reads', () => {
  const program = 'import json, sys; print(json.dumps(json.load(sys.stdin)["password"]))';
  expect(runPython(program, { password: NASTY })).toBe(NASTY);
});

it('arrives in a shell', async () => {
  const file = join(await temporaryFolder(), 'clickhouse.env');
  await writeFile(file, renderExport(secrets, 'shell'));
  const script = '. "$1"; printf "%s\\n%s" "$CH_USER" "$CH_PASSWORD"';
  for (const shell of ['bash', 'sh']) {
    const printed = execFileSync(shell, ['-c', script, shell, file], { encoding: 'utf8' });
    expect(printed).toBe(`${secrets.super_user_name}\n${NASTY}`);
  }
});

it('arrives in Terraform', async ({ skip }) => {
  if (spawnSync('terraform', ['version']).error) skip('there is no terraform on the PATH');
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), 'variable "super_user_password" { type = string }\n');
  await writeFile(join(folder, 'all.tfvars.json'), renderExport(secrets, 'tfvars'));
  const words = [`-chdir=${folder}`, 'console', '-var-file=all.tfvars.json'];
  const printed = execFileSync('terraform', words, {
    input: 'base64encode(var.super_user_password)\n',
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const value = /"([^"]*)"\s*$/.exec(printed)?.[1] ?? '';
  expect(Buffer.from(value, 'base64').toString('utf8')).toBe(NASTY);
}, 30_000);
