import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { cacheFolder, libraryPackage, provideEmbeddedLibrary } from '@provehouse/infra';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const table = join(root, 'packages/infra/src/native/embedded_node/builds.json');

let folder: string;
let library: string;
beforeAll(async () => {
  library = await provideEmbeddedLibrary({ cache: cacheFolder(process.env), onDownload() {} });
  folder = await mkdtemp(join(tmpdir(), 'engine-builds-'));
});
afterAll(() => rm(folder, { recursive: true }));

function findPlaces(
  ...words: string[]
): Promise<{ code: number | undefined; out: string; said: string }> {
  const python = join(root, 'packages/etl-dags/.venv/bin/python');
  return new Promise((resolve) => {
    const child = execFile(
      python,
      [join(root, 'tools/engine-builds'), ...words],
      (_, out, said) => {
        resolve({ code: child.exitCode ?? undefined, out, said });
      },
    );
  });
}

// Each search keeps one core busy for seconds.
test.concurrent(
  'the table of builds says of the library in use what the program finds in it',
  async () => {
    const { code, out, said } = await findPlaces(library);
    expect(code, said).toBe(0);
    expect(JSON.parse(await readFile(table, 'utf8'))).toContainEqual(JSON.parse(out));
  },
);

test.concurrent(
  'a build in which a text is gone gives no entry, and names every place that depends on it',
  async () => {
    const changed = join(folder, 'changed.so');
    await copyFile(library, changed);
    const at = (await readFile(library)).indexOf('ServerUUID is not initialized yet\0');
    const file = await open(changed, 'r+');
    await file.write('x', at);
    await file.close();
    const { code, out, said } = await findPlaces(changed, '--package', 'changed@1');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toContain('No entry: 1 of 19 places were not found: server_uuid.');
  },
);

test('a library that ends early is refused, with its size', async () => {
  const part = join(folder, 'part.so');
  await pipeline(createReadStream(library, { end: 999_999 }), createWriteStream(part));
  expect(await findPlaces(part, '--package', 'part@1')).toEqual({
    code: 1,
    out: '',
    said: `${part} is not a build of the embedded engine: the file ends before its sections: 1000000 bytes.\n`,
  });
});

test('another library is refused', async () => {
  const other = join(libraryPackage(), 'chdb_node.node');
  const { code, out, said } = await findPlaces(other);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(said).toContain('expected the version of a ClickHouse, found none');
});
