import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WORKSPACE } from './nx.ts';

/** What makes the workspace one, without the code of its packages. */
const RULES = [
  'nx.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'eslint.config.mjs',
  '.prettierrc.json',
  '.gitignore',
  '{packages/*,tools}/{project,package,tsconfig}.json',
  'tools/affected/*.ts',
];

/** Writes a file into a folder, with the folders above it. */
export function place(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The installed packages, with the workspace's own ones linked to the copy, as npm does. */
function linkNodePackages(folder: string): void {
  const source = join(WORKSPACE, 'node_modules');
  const target = join(folder, 'node_modules');
  const own = '@provehouse';
  mkdirSync(join(target, own), { recursive: true });
  for (const name of readdirSync(source).filter((entry) => entry !== own)) {
    symlinkSync(join(source, name), join(target, name));
  }
  for (const name of readdirSync(join(source, own))) {
    symlinkSync(join(folder, 'packages', name), join(target, own, name));
  }
}

/** A copy of the workspace's rules in a folder of its own, which is gone after the test. */
export function copySkeleton(): string {
  const folder = mkdtempSync(join(tmpdir(), 'provehouse-workspace-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of globSync(RULES, { cwd: WORKSPACE })) {
    cpSync(join(WORKSPACE, path), join(folder, path));
  }
  linkNodePackages(folder);
  return folder;
}
