import type { DiagnosticKind, Location } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../diagnostics/result.js';
import { dataCodes } from '../diagnostics/codes/data.js';

/** A file of wrong values has as many problems as values: this many are enough to see what is wrong. */
export const MAXIMUM_PROBLEMS = 20;

/** Thrown to stop reading; the diagnostics are in the bag already. */
export class StopReading extends Error {
  public override readonly name = 'StopReading';
}

/** Reports problems of one event file with their place, and stops the reading when there are many. */
export class FileProblems {
  private count = 0;

  public constructor(
    private readonly bag: DiagnosticBag,
    public readonly path: string,
  ) {}

  /** The whole file is unusable. */
  public stop(kind: DiagnosticKind, message: string, location: Location = {}, hint?: string): never {
    this.bag.add(kind, message, { model: this.path, ...location }, hint);
    throw new StopReading();
  }

  public warn(kind: DiagnosticKind, message: string, location: Location = {}): void {
    this.bag.add(kind, message, { model: this.path, ...location });
  }

  /** One row or value is wrong: go on, up to a limit. `line` is that of a text file, from 1. */
  public add(kind: DiagnosticKind, message: string, line: number | undefined, column: number | undefined): void {
    this.bag.add(kind, message, {
      model: this.path,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    });
    this.count++;
    if (this.count < MAXIMUM_PROBLEMS) return;
    this.stop(dataCodes.moreProblems, `the first ${MAXIMUM_PROBLEMS} problems are shown`);
  }
}

/** An element of a port, flattened, from 0. */
export interface PlacedElement {
  readonly name: string;
  readonly element: number;
}

/** `event 3, column 5 ('inputs' element 4)`: events and columns from 1, elements from 0 as everywhere else. */
export function placeName(event: number, column: number, port: PlacedElement): string {
  return `event ${event}, column ${column} ('${printable(port.name)}' element ${port.element})`;
}
