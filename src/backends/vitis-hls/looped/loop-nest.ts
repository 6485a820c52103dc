import { at } from '../../../support/invariant.js';

/** One loop of a nest; `span` is how many positions one step of it moves. */
export interface Loop {
  readonly variable: string;
  readonly extent: number;
  readonly span: number;
}

/** A position of a nest as each operand sees it: an index expression over the variables of the loops. */
export interface LoopNest {
  /** Outermost first; empty for a single position. */
  readonly loops: readonly Loop[];
  /** For each operand its index; undefined where it is not linear in the variables: it has to be looked up. */
  readonly indices: readonly (string | undefined)[];
  /** The number of the position, from 0. */
  readonly position: string;
}

const variables = ['i', 'j', 'k', 'l', 'm', 'n'] as const;

/**
 * Loops that visit positions 0 … count-1 in order such that each operand's index, given by position, is linear in the
 * variables: nested where an operand moves in rows, windows or repeats. Operands for which no such loops exist, or none
 * that suit the others, are to be looked up by position.
 */
export function loopNest(count: number, maps: readonly Int32Array[]): LoopNest {
  let spans = [1, count];
  const linear = maps.map((map) => {
    const own = linearSpans(map);
    const common = own === undefined ? undefined : mergeSpans(spans, own);
    if (common === undefined || common.length > variables.length + 1) return false;
    spans = common;
    return true;
  });
  const loops: Loop[] = [];
  for (let level = spans.length - 1; level > 0; level--) {
    const span = at(spans, level - 1);
    const extent = at(spans, level) / span;
    if (extent > 1) loops.push({ variable: at(variables, loops.length), extent, span });
  }
  const indices = maps.map((map, operand) =>
    linear[operand] === true
      ? linearIndex(
          loops,
          loops.map(({ span }) => at(map, span) - at(map, 0)),
          at(map, 0),
        )
      : undefined,
  );
  return {
    loops,
    indices,
    position: linearIndex(
      loops,
      loops.map(({ span }) => span),
      0,
    ),
  };
}

/** `14 * i + j + 3`. */
export function linearIndex(loops: readonly Loop[], strides: readonly number[], start: number): string {
  const terms = loops.flatMap(({ variable }, level) => {
    const stride = at(strides, level);
    if (stride === 0) return [];
    return [stride === 1 ? variable : `${stride} * ${variable}`];
  });
  if (start !== 0 || terms.length === 0) terms.push(String(start));
  return terms.join(' + ').replaceAll('+ -', '- ');
}

/**
 * The spans at which an index, given by position, starts a new loop: 1, then the number of positions in each loop and
 * all within it, up to the number of all positions. Undefined where it is not a nest of equal steps.
 */
function linearSpans(map: Int32Array): readonly number[] | undefined {
  const spans = [1];
  let heads = map;
  while (heads.length > 1) {
    const extent = stepExtent(heads);
    if (extent === undefined) return undefined;
    spans.push(at(spans, spans.length - 1) * extent);
    heads = Int32Array.from({ length: heads.length / extent }, (_, block) => at(heads, block * extent));
  }
  return spans;
}

/** The longest innermost loop of equal steps that every block repeats. */
function stepExtent(heads: Int32Array): number | undefined {
  const { length } = heads;
  const start = at(heads, 0);
  const step = at(heads, 1) - start;
  let run = 2;
  while (run < length && heads[run] === start + run * step) run++;
  for (let extent = run; extent > 1; extent--) {
    if (length % extent === 0 && repeats(heads, extent, step)) return extent;
  }
  return undefined;
}

function repeats(heads: Int32Array, extent: number, step: number): boolean {
  for (let position = 0; position < heads.length; position++) {
    const within = position % extent;
    if (at(heads, position) !== at(heads, position - within) + within * step) return false;
  }
  return true;
}

/** Spans that refine both; undefined where some span of one cuts through a loop of the other. */
function mergeSpans(left: readonly number[], right: readonly number[]): number[] | undefined {
  const merged = [...new Set([...left, ...right])].sort((a, b) => a - b);
  const nested = merged.every((span, level) => level === 0 || span % at(merged, level - 1) === 0);
  return nested ? merged : undefined;
}
