/** A budget as a file declares it, not yet understood. */
export interface DeclaredBudget {
  /** Such as `lut <= 5% of part`. */
  readonly expression: string;
  /** What the user calls it. */
  readonly name?: string;
  readonly comment?: string;
  /** The file, as the user gave it, and the place in it, from 1. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
