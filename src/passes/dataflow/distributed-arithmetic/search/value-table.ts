/** What the search knows of each value. Ranges are doubles: they steer choices and prove nothing. */
export interface ValueTable {
  readonly low: number[];
  readonly high: number[];
  /** Low bits known to be zero. */
  readonly zeros: number[];
  /** Levels of adders before the value. */
  readonly depth: number[];
  /** Values from `firstConstant` to `endOfInputs` - 1 are constants. */
  readonly firstConstant: number;
  readonly endOfInputs: number;
}
