import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-folder.mjs';
import { CommandError, main, run, workspace } from './run.mjs';
import { fingerprint, isStamped, leaveStamp } from './stamp.mjs';

const UV_VERSION = '0.13.9';
const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];

/** A Python from 3.11 to 3.13, the versions that Airflow runs on. @throws CommandError */
export function findPython() {
  const found = [];
  for (const candidate of CANDIDATES) {
    try {
      const script = 'import sys; print(sys.executable, *sys.version_info[:2], sep="\\n")';
      const output = execFileSync(candidate, ['-c', script], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [path, major, minor] = output.toString().trim().split('\n');
      if (major === '3' && Number(minor) >= 11 && Number(minor) <= 13) {
        return { path, version: `3.${minor}` };
      }
      found.push(`${candidate} is ${major}.${minor}`);
    } catch {
      // Not there, or a launcher without a version behind it.
    }
  }
  throw new CommandError(
    `Expected Python 3.11, 3.12 or 3.13 on PATH, found ${found.join(', ') || 'none'}.`,
    2,
  );
}

/** The pinned uv, installed once per user into the cache folder. */
export async function findUv(python) {
  const cache = cacheFolder();
  const folder = join(cache, `uv-${UV_VERSION}`);
  const uv = join(folder, 'bin/uv');
  if (existsSync(uv)) return uv;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    const words = ['-m', 'pip', 'install', '--quiet', '--target', draft, `uv==${UV_VERSION}`];
    await run(python.path, words, { quiet: true });
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return uv;
}

const PROJECT = join(workspace, 'packages/etl-dags');
const BYTECODE = join(workspace, 'tools/setup/bytecode.py');

/** Installs locked Python packages into packages/etl-dags/.venv; `words` say which. @throws CommandError */
export async function syncPython(python, words) {
  const { PYTHONDONTWRITEBYTECODE: _, VIRTUAL_ENV: __, ...env } = process.env;
  const all = ['sync', '--frozen', '--project', PROJECT, ...words];
  await run(await findUv(python), all, {
    quiet: true,
    env: { ...env, UV_PYTHON_DOWNLOADS: 'never' },
  });
  // Without bytecode every Airflow component starts three times slower.
  const cache = join(cacheFolder(), 'bytecode');
  await run(join(PROJECT, '.venv/bin/python'), [BYTECODE, cache], { quiet: true });
}

/** Version of the Python that the environment is of, as `3.11`; undefined where there is none that runs. */
function installedVersion() {
  // What it links to is gone with the Python that it was made with.
  if (!existsSync(join(PROJECT, '.venv/bin/python'))) return undefined;
  try {
    const configuration = readFileSync(join(PROJECT, '.venv/pyvenv.cfg'), 'utf8');
    return /^version_info = (3\.\d+)/m.exec(configuration)?.[1];
  } catch {
    return undefined;
  }
}

/** Installs the locked Python environment into packages/etl-dags/.venv, unless it is there. */
export async function installPython() {
  const stamp = join(PROJECT, '.venv/.provehouse-install');
  const files = [join(PROJECT, 'uv.lock'), join(PROJECT, 'pyproject.toml')];
  const expected = (version) => fingerprint(files, version, PROJECT);
  // Every command of the workspace comes by here, and launchers of Python take a tenth of a second each.
  const installed = installedVersion();
  if (installed !== undefined && isStamped(stamp, expected(installed))) return;
  const python = findPython();
  process.stderr.write('Installing Python packages …\n');
  await syncPython(python, ['--python', python.path]);
  leaveStamp(stamp, expected(python.version));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(installPython);
