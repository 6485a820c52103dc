/** A copy in rising order. */
export function sortedScores(scores: Float64Array): Float64Array {
  return scores.slice().sort();
}

/** How many are below `value`, in rising order: also the place of the first that is not. */
export function countBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many are at most `value`. */
export function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function countAbove(sorted: Float64Array, value: number): number {
  return sorted.length - countUpTo(sorted, value);
}

/**
 * For each score, how many of `sorted` are below it, equal ones at half weight. Against its own sample that is the mean
 * rank of equal scores, from 0.5.
 */
export function placements(scores: Float64Array, sorted: Float64Array): Float64Array {
  const result = new Float64Array(scores.length);
  for (let index = 0; index < scores.length; index++) {
    const value = scores[index] ?? 0;
    const below = countBelow(sorted, value);
    if (sorted[below] !== value) result[index] = below;
    // Most scores are the only ones of their value.
    else if (sorted[below + 1] !== value) result[index] = below + 0.5;
    else result[index] = (below + countUpTo(sorted, value)) / 2;
  }
  return result;
}
