import type { RtlExpression, RtlSignal } from './expression.js';

export interface RtlPort extends RtlSignal {
  readonly direction: 'input' | 'output';
  readonly comment?: string;
}

/** One entry of a module body, in the order of the text. */
export type RtlItem =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'wire'; readonly signal: RtlSignal; readonly value: RtlExpression }
  /** A wire that an instance drives. */
  | { readonly kind: 'declare'; readonly signal: RtlSignal }
  /** Takes the value of `next` at each rising clock edge; `reset` clears it synchronously. */
  | { readonly kind: 'register'; readonly signal: RtlSignal; readonly next: string; readonly reset?: string }
  /** values[address - first]; every address that can occur is listed. */
  | {
      readonly kind: 'table';
      readonly signal: RtlSignal;
      readonly address: RtlSignal;
      readonly first: bigint;
      readonly values: readonly bigint[];
    }
  | { readonly kind: 'assign'; readonly target: string; readonly value: RtlExpression }
  | {
      readonly kind: 'instance';
      readonly module: string;
      readonly name: string;
      readonly comment: string;
      readonly connections: readonly { readonly port: string; readonly value: RtlExpression }[];
    };

export interface RtlParameter {
  readonly name: string;
  readonly value: number | string;
}

/** A module in a form that any hardware language can be printed from: explicit widths, legal names. */
export interface RtlModule {
  readonly name: string;
  /** Foreign text is allowed here; printers make it safe. */
  readonly comments: readonly string[];
  readonly parameters: readonly RtlParameter[];
  readonly clock?: string;
  readonly ports: readonly RtlPort[];
  readonly items: readonly RtlItem[];
}
