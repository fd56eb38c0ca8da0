import { AsyncLocalStorage } from 'node:async_hooks';

/** The name of the check that is running, for the comment of whatever it asks. */
export const runningCheck = new AsyncLocalStorage<string>();

/** The comment by which a statement is found in the query log and among the processes of a node. */
export function logComment(): string {
  const check = runningCheck.getStore();
  return check === undefined ? 'provehouse' : `provehouse ${check}`;
}
