import type { ProcessEntry } from '../system/processes.ts';

/** The processes of one component that runs. */
export interface ComponentProcesses {
  /** The process that does its work. */
  readonly main: number;
  /** All that do its work: the main one and what it has started. */
  readonly working: readonly number[];
  /** These and the one that supervisord knows, if that only stands for the component. */
  readonly all: readonly number[];
}

/**
 * The processes of the component that supervisord knows as `supervised`, among those of a machine. Of Airflow's components it
 * knows a process that waits for the one that does the work, which another has forked: both are in the
 * process group that supervisord made for it.
 */
export function findProcesses(
  supervised: number,
  processes: readonly Pick<ProcessEntry, 'pid' | 'parent' | 'group'>[],
): ComponentProcesses {
  const members = processes.filter(({ group }) => group === supervised);
  const pids = new Set(members.map(({ pid }) => pid));
  const forked = members.find(({ pid, parent }) => pid !== supervised && !pids.has(parent));
  const main = forked?.pid ?? supervised;
  const working = [main];
  for (const ancestor of working) {
    for (const { pid, parent, group } of processes) {
      // A process in the group of one that is none of these works for another component.
      const belongs = group === supervised || group === pid || working.includes(group);
      if (parent === ancestor && belongs) working.push(pid);
    }
  }
  return { main, working, all: main === supervised ? working : [supervised, ...working] };
}
