import { MAXIMUM_INTERVAL } from '../../design/sequencing.js';
import { arithmeticCodes } from '../../diagnostics/codes/arithmetic.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { diagnose, printable } from '../../diagnostics/diagnostic.js';
import { countOperations } from '../../model/count-operations.js';
import type { ModelGraph } from '../../model/kinds.js';

/**
 * Scalar operations that are unrolled where no other limit is given. Networks of a hundred thousand compile within a
 * minute; one that reaches the limit would be several times the size of the largest FPGAs.
 */
export const DEFAULT_MAXIMUM_OPERATIONS = 300_000;

/** Layers that the message lists, largest first. */
const LISTED = 8;

/**
 * The error that refuses a graph of more scalar operations in each clock than the limit, before any time is spent on it.
 * `interval`: clocks that an event's operations may be spread over.
 */
export function refuseTooLarge(graph: ModelGraph, limit: number, interval = 1): Diagnostic | undefined {
  const layers = countOperations(graph);
  const total = layers.reduce((sum, { operations }) => sum + operations, 0);
  if (total <= limit * interval) return undefined;
  const largest = layers.toSorted((left, right) => right.operations - left.operations);
  const listed = largest
    .slice(0, LISTED)
    .map(({ name, operator, operations }) => `${printable(operator)} '${printable(name)}' ${spaced(operations)}`);
  const more = largest.length > LISTED ? `, and ${largest.length - LISTED} smaller layers` : '';
  const fewest = Math.ceil(total / limit);
  const spread = fewest > MAXIMUM_INTERVAL ? '' : `an event every ${fewest} clocks at the least (--ii), or `;
  return diagnose(
    arithmeticCodes.tooManyOperations,
    `the model has ${spaced(total)} scalar operations, and the limit is ${spaced(limit)}${interval === 1 ? '' : ` in each of ${interval} clocks`}: ${listed.join(', ')}${more}`,
    undefined,
    `${spread}${arithmeticCodes.tooManyOperations.hint}`,
  );
}

/** Digits in groups of three. */
function spaced(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ' ');
}
