import { stripVTControlCharacters } from 'node:util';

/** What Vitest, pytest and Nx begin a line with when something failed. */
const FAILURE = /^\s*(?:FAIL {2}|FAILED |ERROR )\s*(?<name>\S.*)$/;
const TASK = /^- (?<name>[\w-]+:[\w-]+)$/;

/** What Vitest prints below an error's message: where it was thrown, its properties, a ruled line. */
const BELOW_THE_MESSAGE = /^\s*(?:❯|⎯|at |FAIL {2}|Serialized Error:|Caused by:)/;

/** Errors of components carry their last lines; more than this many are in the output itself. */
const MOST_LINES = 20;

/**
 * The failures in the output of tests: each test's name with the message of its error, and the names of
 * Nx's tasks. Long runs are read from the end, and logs are often cut before it.
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
    const said = line.trimStart().startsWith('FAIL ') ? messageAfter(lines, index + 1) : [];
    return [[name, ...said.map((text) => `    ${text}`)].join('\n')];
  });
  return [...new Set([...failedTasks, ...failedTests])];
}

function messageAfter(lines, first) {
  const length = lines.slice(first).findIndex((line) => BELOW_THE_MESSAGE.test(line));
  const message = lines.slice(first, length < 0 ? lines.length : first + length);
  return message
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(0, MOST_LINES);
}
