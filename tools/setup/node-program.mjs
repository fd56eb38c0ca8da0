import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-folder.mjs';
import { CommandError, main, run, workspace } from './run.mjs';

/** The folder of the lock. */
const LOCKED = join(workspace, 'tools/setup/node-program');

/** Where `npx` and the npm scripts find it before the machine's own Node. */
const LINK = join(workspace, 'node_modules/.bin/node');

/** Whether the workspace has its Node; a link into a cache that was deleted leads nowhere. */
export const hasNode = () => existsSync(LINK);

/**
 * Links the Node of the lock into the workspace. It is installed once per user: checkouts share its 190 MB.
 * @throws CommandError
 */
export async function linkNode() {
  const program = await provideNode(cacheFolder());
  mkdirSync(dirname(LINK), { recursive: true });
  rmSync(LINK, { force: true });
  symlinkSync(program, LINK);
}

async function provideNode(cache) {
  const { dependencies } = JSON.parse(readFileSync(join(LOCKED, 'package.json'), 'utf8'));
  const folder = join(cache, `node-${dependencies.node}`);
  const program = join(folder, 'node_modules/node/bin/node');
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    cpSync(LOCKED, draft, { recursive: true });
    // An npm that runs this as its script hands its own options on.
    const own = ['--no-package-lock-only', '--no-dry-run', '--no-global', '--prefer-offline'];
    const words = ['ci', '--prefix', draft, ...own, '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', words, { quiet: true });
    if (!existsSync(program)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  if (existsSync(program)) return program;
  throw new CommandError(`Expected npm to install ${program}, found nothing there.`, 2);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(linkNode);
