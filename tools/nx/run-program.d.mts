/** Runs a project's program, with the command of the target's name and the words that Nx was given. */
export default function runProgram(
  options: { readonly __unparsed__?: readonly string[]; readonly prepare?: string },
  context: { readonly root: string; readonly projectName?: string; readonly targetName?: string },
): Promise<{ success: boolean }>;
