/**
 * The points that no other point beats: none is at most as large in every coordinate and smaller in one. Of points that
 * are the same, the first. In the order of the first coordinate, then of the others.
 */
export function paretoFront<T>(points: readonly T[], coordinates: (point: T) => readonly number[]): readonly T[] {
  const sorted = points
    .map((point) => ({ point, at: coordinates(point) }))
    .sort((left, right) => compare(left.at, right.at));
  const front: typeof sorted = [];
  // In this order only earlier points can beat a later one.
  for (const candidate of sorted) {
    const beaten = front.some(({ at }) => at.every((value, axis) => value <= (candidate.at[axis] ?? Infinity)));
    if (!beaten) front.push(candidate);
  }
  return front.map(({ point }) => point);
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [axis, value] of left.entries()) {
    const other = right[axis] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
