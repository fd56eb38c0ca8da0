/** Says so that nobody overlooks it that something was not tested, and why. */
export function sayNotTested(what: string, reason: string): void {
  const line = '!'.repeat(100);
  process.stderr.write(`\n${line}\nNOT TESTED: ${what}: ${reason}\n${line}\n`);
}
