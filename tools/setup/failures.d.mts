/** The failures in the output of tests: names of tests with what they said, and of Nx's tasks. */
export function failuresIn(output: string): string[];
