/** Edit distance with adjacent transpositions (optimal string alignment), given up above `limit`. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left.charCodeAt(row - 1) === right.charCodeAt(column - 1);
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        left.charCodeAt(row - 1) === right.charCodeAt(column - 2) &&
        left.charCodeAt(row - 2) === right.charCodeAt(column - 1);
      if (swapped) best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}

/**
 * The known word closest to a misspelt one, ignoring case, or undefined when none is close: at most two in five
 * letters may differ. The first of equally close words wins.
 */
export function closestWord(word: string, known: Iterable<string>): string | undefined {
  // A word this long is no typing error, and the table would be quadratic in its length.
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length * 0.4)) + 1;
  for (const candidate of known) {
    const found = distance(wanted, candidate.toLowerCase(), bestDistance - 1);
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** The hint of an unknown name: `did you mean 'x'?` where one is close, then the list of known names. */
export function didYouMean(word: string, known: readonly string[]): string {
  const closest = closestWord(word, known);
  const list = known.length === 0 ? '' : `known: ${known.join(', ')}`;
  return closest === undefined ? list : `did you mean '${closest}'? ${list}`;
}
