import { parseArgs } from 'node:util';

type Numbers<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Numbers from the command line, such as `--runs 3`, each with the one that is taken where it is not given.
 * Ends the process after `--help`, with 0, and for words that are none of these, with 2.
 * @param what what the benchmark measures, for `--help`
 */
export function benchOptions<Name extends string>(
  what: string,
  defaults: Numbers<Name>,
  words: readonly string[] = process.argv.slice(2),
): Numbers<Name> {
  try {
    const options = parseOptions(defaults, words);
    if (options !== undefined) return options;
    process.stdout.write(`${what}\n\n${usage(defaults)}`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message.replace(/\.?$/, '.')}\n${usage(defaults)}`);
    process.exit(2);
  }
}

/**
 * The numbers, or nothing where help is asked for.
 * @throws TypeError for another word, and for what is no number above 0
 */
export function parseOptions<Name extends string>(
  defaults: Numbers<Name>,
  words: readonly string[],
): Numbers<Name> | undefined {
  const names = Object.keys(defaults) as Name[];
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...Object.fromEntries(names.map((name) => [name, text])),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const numbers: Record<Name, number> = { ...defaults };
  for (const name of names) {
    const word = given[name];
    if (word === undefined) continue;
    const number = Number(word);
    if (!(number > 0 && Number.isFinite(number))) {
      throw new TypeError(`--${name}: expected a number above 0, found ${word}.`);
    }
    numbers[name] = number;
  }
  return numbers;
}

const usage = (defaults: Numbers<string>): string =>
  `Options:\n${Object.entries(defaults)
    .map(([name, number]) => `  --${name} NUMBER  ${number} where it is not given\n`)
    .join('')}  -h, --help\n`;
