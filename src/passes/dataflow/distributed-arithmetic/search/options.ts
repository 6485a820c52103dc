/** A source of numbers in [0, 1). */
export type Uniform = () => number;

export interface LocalSearchOptions {
  /** Greatest depth of a result. */
  readonly depthLimit: number;
  readonly uniform: Uniform;
}
