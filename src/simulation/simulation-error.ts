import type { SimulationEngineName } from './engine.js';

/** A simulation that could not be carried out: the tool is missing, refuses the design, crashes or takes too long. */
export class SimulationError extends Error {
  readonly engine: SimulationEngineName | 'verilator-wasm';
  /** The end of the tool's log, at most a few kilobytes; empty if it never ran. */
  readonly log: string;

  constructor(engine: SimulationEngineName | 'verilator-wasm', message: string, log = '') {
    super(message);
    this.name = 'SimulationError';
    this.engine = engine;
    this.log = logExcerpt(log);
  }
}

const EXCERPT_LENGTH = 4000;

/** The last few kilobytes of a log, from a line start: tools report what stopped them at the end. */
export function logExcerpt(log: string): string {
  const trimmed = log.trimEnd();
  if (trimmed.length <= EXCERPT_LENGTH) return trimmed;
  const tail = trimmed.slice(-EXCERPT_LENGTH);
  return `[…]\n${tail.slice(tail.indexOf('\n') + 1)}`;
}
