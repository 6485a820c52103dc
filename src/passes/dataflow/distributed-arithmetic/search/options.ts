/** A source of numbers in [0, 1). */
export type Uniform = () => number;

/** What all searches on one matrix have in common. */
export interface SearchChoices {
  readonly uniform: Uniform;
  /** Share of the steps that write part of a sum anew, 0 to 1: see `rewritingShare`. */
  readonly rewriting?: number;
}

export interface LocalSearchOptions extends SearchChoices {
  /** Greatest depth of a result. */
  readonly depthLimit: number;
}
