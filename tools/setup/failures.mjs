import { stripVTControlCharacters } from 'node:util';

/** What Vitest, pytest and Nx begin a line with when something failed. */
const FAILURE = /^\s*(?:FAIL {2}|FAILED |ERROR )\s*(?<name>\S.*)$/;
const TASK = /^- (?<name>[\w-]+:[\w-]+)$/;

/**
 * The failures in the output of tests: each test's name with the first line of its error, and the names
 * of Nx's tasks. Long runs are read from the end, and logs are often cut before it.
 */
export function failuresIn(output) {
  const lines = stripVTControlCharacters(output).split('\n');
  const tasks = lines.slice(lines.lastIndexOf('Failed tasks:') + 1);
  const failedTasks = lines.includes('Failed tasks:')
    ? tasks.flatMap((line) => TASK.exec(line)?.groups.name ?? [])
    : [];
  const failedTests = lines.flatMap((line, index) => {
    const name = FAILURE.exec(line)?.groups.name;
    if (name === undefined) return [];
    const said = line.trimStart().startsWith('FAIL ') ? (lines[index + 1] ?? '').trim() : '';
    return [said === '' ? name : `${name}\n    ${said}`];
  });
  return [...new Set([...failedTasks, ...failedTests])];
}
