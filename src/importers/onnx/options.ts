import type { ReadExternal } from './tensor-data.js';

export interface ImportOptions {
  readonly modelName: string;
  /** Shown in diagnostics. */
  readonly modelPath: string;
  /** Per graph input: 0 (the default when the rank is 2 or more) = dimension 0 is the event; 'none' = it is not. */
  readonly batch?: ReadonlyMap<string, 0 | 'none'>;
  /**
   * Bytes of an external data file by its location relative to the model, or undefined when there is no such file; may
   * throw DiagnosticError. Without it, external data is reported as missing.
   */
  readonly readExternal?: ReadExternal;
}
