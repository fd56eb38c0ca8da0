/** A command of one of the workspace's programs. */
export interface WorkspaceProgram {
  readonly command: string;
  readonly description: string;
  /** The package whose program it is, and the words before those of the user. */
  readonly project: 'infra' | 'verify' | 'secrets';
  readonly words: readonly string[];
}

const own = (
  project: WorkspaceProgram['project'],
  command: string,
  description: string,
): WorkspaceProgram => ({ project, command, description, words: [command] });

/** What can be done with a platform where the workspace is. */
export const WORKSPACE_PROGRAMS: readonly WorkspaceProgram[] = [
  own('infra', 'up', 'start the platform and wait until every part answers'),
  own('infra', 'down', 'stop the platform; --purge removes its data'),
  own('infra', 'status', 'show every component: state, pid, address, uptime, memory'),
  own('infra', 'logs', "print a component's log; -f follows it"),
  own('infra', 'restart', 'restart the platform or the named components; data stays'),
  own('infra', 'plan', 'show what up would change in containers'),
  own('infra', 'render', 'print the configuration that up would write, secrets hidden'),
  own('infra', 'backup', "back up the platform's database into its bucket; list, check, remove"),
  own('infra', 'restore', 'bring back what a backup holds, and prove it on every replica'),
  own('verify', 'e2e', 'run the pipeline and every check on a running platform'),
  own('verify', 'drill', 'break a running platform on purpose, and account for every row'),
  own('verify', 'report', 'make the HTML report of the last run'),
  {
    ...{ project: 'secrets', command: 'secrets', words: [] },
    description: 'generate, check, complete, rotate and export secrets',
  },
];
