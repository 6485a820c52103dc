export interface GraphSearchOptions {
  /** Levels of adders that no result may exceed, negations of results included. */
  readonly depthLimit?: number | undefined;
  readonly seed: number;
  /** Look-ups and updates of tables; about ten million take a second. */
  readonly work: number;
  /** What to make small; the other one breaks ties. */
  readonly objective?: 'adders' | 'luts' | undefined;
}
