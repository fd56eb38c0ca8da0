import type { z } from 'zod';

/** Something that is wrong with a contract, and the field that it is about. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** The field that people read, where it is not the path's. */
  readonly field?: string;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What a schema found, one problem a field. */
export const schemaProblems = (error: z.ZodError): Problem[] =>
  error.issues.flatMap(leaves).flatMap((issue): Problem[] => {
    const { path, message } = issue;
    if (issue.code !== 'unrecognized_keys') return [{ path, message }];
    return issue.keys.map((key) => ({
      path: [...path, key],
      field: path.map(String).join('.'),
      message: `Unrecognized key: "${key}"`,
    }));
  });

/**
 * An issue, or those of the branch of a union that was most likely meant: the one that goes furthest
 * into the value, and of several the one that takes values of its type.
 */
function leaves(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const inside = (issues: readonly Issue[]): Issue[] =>
    issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const deepest = maximum(issue.errors, depth);
  const fitting = issue.errors.filter(
    (branch) => depth(branch) === depth(deepest) && !branch.some(isOfOtherType),
  );
  const [meant] = fitting;
  if (meant !== undefined || depth(deepest) > 0) return inside(meant ?? deepest).flatMap(leaves);
  const types = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => ('expected' in inner ? [String(inner.expected)] : [])),
  );
  const message = `Invalid input: expected ${[...new Set(types)].join(' or ')}`;
  return [{ ...issue, message }];
}

const depth = (issues: readonly Issue[]): number =>
  Math.max(0, ...issues.map(({ path }) => path.length));

const isOfOtherType = ({ code, path }: Issue): boolean =>
  code === 'invalid_type' && path.length === 0;

const maximum = (
  branches: readonly Issue[][],
  measure: (issues: readonly Issue[]) => number,
): readonly Issue[] =>
  branches.reduce((best, branch) => (measure(branch) > measure(best) ? branch : best), []);
