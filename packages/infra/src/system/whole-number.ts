import { InvalidArgumentError } from 'commander';

/** A whole number that an option is given. @throws InvalidArgumentError for another text */
export function wholeNumber(text: string): number {
  // More digits than that a number does not hold exactly.
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
