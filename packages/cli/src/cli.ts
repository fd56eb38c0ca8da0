import { run } from './run.ts';
import { workspaceCommands } from './workspace-commands.ts';

await run(workspaceCommands());
