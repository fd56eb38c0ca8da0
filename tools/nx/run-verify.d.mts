/** Runs `verify <target> …` with the words that Nx was given. */
export default function runVerify(
  options: { readonly __unparsed__?: readonly string[] },
  context: { readonly root: string; readonly targetName?: string },
): Promise<{ success: boolean }>;
