import { spawnSync } from 'node:child_process';

/** What the work tree is compared with to find what a change affects. */
export interface Base {
  /** A commit, or the empty tree. */
  readonly revision: string;
  /** Why this one, for people. */
  readonly reason: string;
}

/** Thrown when git cannot say what there is to compare with. */
export class BaseError extends Error {
  override readonly name = 'BaseError';
}

/** What a git command prints; undefined when it fails, which is git's way to say no. */
function ask(folder: string, ...words: string[]): string | undefined {
  const { status, stdout, error } = spawnSync('git', ['-C', folder, ...words], {
    encoding: 'utf8',
  });
  if (error) {
    throw new BaseError('Expected git on the PATH, to ask it what has changed.', { cause: error });
  }
  return status === 0 ? stdout.trim() : undefined;
}

/** The first commit that `HEAD` and the main branch share, here or at the origin. */
function findFork(folder: string, mainBranch: string, head: string): Base | undefined {
  const forks = [`origin/${mainBranch}`, mainBranch].flatMap((branch) => {
    const revision = ask(folder, 'merge-base', 'HEAD', branch);
    return revision === undefined ? [] : [{ revision, reason: `the commit shared with ${branch}` }];
  });
  return forks.find(({ revision }) => revision !== head) ?? forks[0];
}

/**
 * The base for the work tree of a folder: on a branch, where it left `mainBranch`; on the main
 * branch itself, the commit before the last. Where history does not reach so far, as in a clone of
 * a single commit, it is the empty tree, so that everything counts as changed rather than nothing.
 * @throws BaseError without git, outside of a repository, and before its first commit
 */
export function findBase(folder: string, mainBranch: string): Base {
  const head = ask(folder, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  const emptyTree = ask(folder, 'hash-object', '-t', 'tree', '/dev/null');
  if (head === undefined || emptyTree === undefined) {
    throw new BaseError(
      `Expected a git repository with a commit in ${folder}, found none. Use nx run-many instead.`,
    );
  }
  const fork = findFork(folder, mainBranch, head);
  if (fork === undefined) {
    return { revision: emptyTree, reason: `nothing, because ${mainBranch} is not known here` };
  }
  if (fork.revision !== head) return fork;
  const before = ask(folder, 'rev-parse', '--verify', '--quiet', 'HEAD~1^{commit}');
  return before === undefined
    ? { revision: emptyTree, reason: 'nothing, because no earlier commit is here' }
    : { revision: before, reason: 'the commit before the last' };
}
