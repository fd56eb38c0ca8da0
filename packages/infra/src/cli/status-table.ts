import type { ComponentStatus } from '../runtime.ts';
import { padTable } from './pad-table.ts';

const HEADINGS = ['COMPONENT', 'STATE', 'PID', 'ADDRESS', 'UPTIME', 'MEMORY', 'URL'];

/** Seconds as people say them: `45 s`, `12 min`, `3 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const formatMemory = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** The components as a table in plain text, what they use together, and which are left out for which reason. */
export function renderStatus(
  statuses: readonly ComponentStatus[],
  leftOut: Readonly<Record<string, string>> = {},
): string {
  const rows = statuses.map((status) => [
    status.name,
    status.reason === undefined ? status.state : `${status.state} (see below)`,
    String(status.pid ?? ''),
    status.address ?? '',
    status.uptimeSeconds === undefined ? '' : formatDuration(status.uptimeSeconds),
    status.memoryBytes === undefined ? '' : formatMemory(status.memoryBytes),
    status.url ?? '',
  ]);
  const memory = statuses.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0);
  const reasons = statuses
    .filter(({ reason }) => reason !== undefined)
    .map(({ name, reason }) => `\n${name}: ${reason ?? ''}`);
  const absent = Object.entries(leftOut).map(
    ([name, reason]) => `${name} is left out: ${reason}.\n`,
  );
  return `${padTable([HEADINGS, ...rows])}${reasons.join('')}\n${statuses.length} components, ${formatMemory(memory)} in all\n${absent.join('')}`;
}
