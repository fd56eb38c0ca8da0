/** A Python from 3.11 to 3.13. @throws CommandError */
export function findPython(): { readonly path: string; readonly version: string };

/** Path of the pinned uv, installed once per user into the cache folder. @throws CommandError */
export function findUv(python: { readonly path: string }): Promise<string>;

/** Installs locked Python packages into packages/etl-dags/.venv; `words` say which. @throws CommandError */
export function syncPython(
  python: { readonly path: string },
  words: readonly string[],
): Promise<void>;

/** Installs the locked Python environment into packages/etl-dags/.venv, unless it is there. */
export function installPython(): Promise<void>;
