/** A broken invariant is a bug in Trigc, never the user's fault: it throws, and the command line exits with 70. */
export class InvariantError extends Error {
  public override readonly name = 'InvariantError';
}

export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** For the default branch of an exhaustive switch: a missing case is a compile error here. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value ${String(value)}`);
}

/** Element access that treats an index outside the list as a bug. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new InvariantError(`index ${index} outside a list of ${list.length}`);
  return value;
}
