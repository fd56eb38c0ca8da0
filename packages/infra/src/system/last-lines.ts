/** As many as a terminal shows beside what is said of them. */
const SHOWN = 12;

/** A frame of a ClickHouse trace: `6. ? @ 0x0000000018451589`, `3. DB::main(int) @ 0x…`. */
const FRAME = /^\s*\d+\. .* @ 0x[0-9a-f]+\s*$/;

/** The last lines of a log that say something to people; frames of traces are left out. */
export const lastLinesOf = (log: string): string[] =>
  log
    .split('\n')
    .filter((line) => line.trim() !== '' && !FRAME.test(line))
    .slice(-SHOWN);
