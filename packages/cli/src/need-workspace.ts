import { ProvehouseError } from '@provehouse/secrets';
import type { Command } from 'commander';
import { handingOn } from './workspace-commands.ts';
import { WORKSPACE_PROGRAMS } from './workspace-program.ts';

/** Thrown for what this package does not hold. */
class WorkspaceError extends ProvehouseError {
  override readonly name = 'WorkspaceError';
}

/** Commands that say what they need: a platform is brought up by the files of a clone. */
export const needWorkspace = (): Command[] =>
  WORKSPACE_PROGRAMS.map((program) =>
    handingOn(program).action(() => {
      throw new WorkspaceError(
        `Expected a clone of Provehouse for ${program.command}, found the package alone, which verifies clusters. ` +
          'Clone the repository and run npm start, or npx provehouse there; check, init and cluster work here.',
      );
    }),
  );
