/** What the readers of event files hand their values to, event by event and column by column. */
export interface ValueSink<Matrix> {
  /** One entry per column. */
  readonly columns: readonly unknown[];
  /** Events begun so far. */
  readonly rows: number;
  /** Start an event; `line` is where it stands in a text file. */
  readonly beginEvent: (line?: number) => void;
  /** A double, perhaps not finite. */
  readonly number: (column: number, value: number) => void;
  readonly bigint: (column: number, value: bigint) => void;
  /** mantissa / 10^fractionDigits with at most 15 digits: true when that could be decided without the text. */
  readonly decimal: (column: number, mantissa: number, fractionDigits: number) => boolean;
  /** One field of text. */
  readonly text: (column: number, text: string) => void;
  /** Stops the reading where there was no event. */
  readonly finish: () => Matrix;
}
