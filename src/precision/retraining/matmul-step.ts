import type { Cell, Parameter, Step } from './cell.js';

/**
 * Product of a computed matrix (positions × rows of the weights) and a constant one (rows × columns). Weights that are zero
 * cost nothing, and those that are there are taken four at a time, which spares most of the traffic with memory.
 */
export function matmulStep(
  own: Cell,
  left: Cell,
  weights: { readonly values: Float64Array } & Partial<Parameter>,
  rows: number,
  columns: number,
  events: number,
): Step {
  const positions = own.value.length / (columns * events);
  const { values, gradient, free } = weights;
  const most = Math.max(rows, columns);
  const [factors, starts, indices] = [new Float64Array(most), new Int32Array(most), new Int32Array(most)];
  return {
    forward: () => {
      own.value.fill(0);
      for (let column = 0; column < columns; column++) {
        let count = 0;
        for (let row = 0; row < rows; row++) {
          const weight = values[row * columns + column] ?? 0;
          if (weight === 0) continue;
          factors[count] = weight;
          starts[count++] = row * events;
        }
        for (let position = 0; position < positions; position++) {
          const target = (position * columns + column) * events;
          addScaled(own.value, target, left.value, position * rows * events, factors, starts, count, events);
        }
      }
    },
    backward: () => {
      if (own.gradient === undefined) return;
      for (let row = 0; row < rows; row++) {
        let count = 0;
        for (let column = 0; column < columns && left.gradient !== undefined; column++) {
          const weight = values[row * columns + column] ?? 0;
          if (weight === 0) continue;
          factors[count] = weight;
          starts[count++] = column * events;
        }
        for (let position = 0; position < positions && left.gradient !== undefined; position++) {
          const target = (position * rows + row) * events;
          addScaled(left.gradient, target, own.gradient, position * columns * events, factors, starts, count, events);
        }
        if (gradient === undefined || free === undefined) continue;
        count = 0;
        for (let column = 0; column < columns; column++) {
          const index = row * columns + column;
          if (free[index] !== 1) continue;
          indices[count] = index;
          starts[count++] = column * events;
        }
        for (let position = 0; position < positions; position++) {
          const [from, to] = [(position * rows + row) * events, position * columns * events];
          addProducts(gradient, indices, left.value, from, own.gradient, to, starts, count, events);
        }
      }
    },
  };
}

/** target[to ..] += Σ factors[k] × source[from + starts[k] ..], of `events` elements each. */
function addScaled(
  target: Float64Array,
  to: number,
  source: Float64Array,
  from: number,
  factors: Float64Array,
  starts: Int32Array,
  count: number,
  events: number,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const [f0, f1, f2, f3] = [factors[k] ?? 0, factors[k + 1] ?? 0, factors[k + 2] ?? 0, factors[k + 3] ?? 0];
    const s0 = from + (starts[k] ?? 0);
    const s1 = from + (starts[k + 1] ?? 0);
    const s2 = from + (starts[k + 2] ?? 0);
    const s3 = from + (starts[k + 3] ?? 0);
    for (let event = 0; event < events; event++) {
      target[to + event] =
        (target[to + event] ?? 0) +
        f0 * (source[s0 + event] ?? 0) +
        f1 * (source[s1 + event] ?? 0) +
        f2 * (source[s2 + event] ?? 0) +
        f3 * (source[s3 + event] ?? 0);
    }
  }
  for (; k < count; k++) {
    const factor = factors[k] ?? 0;
    const start = from + (starts[k] ?? 0);
    for (let event = 0; event < events; event++)
      target[to + event] = (target[to + event] ?? 0) + factor * (source[start + event] ?? 0);
  }
}

/** sums[indices[k]] += Σ over events of left[from ..] × right[to + starts[k] ..]. */
function addProducts(
  sums: Float64Array,
  indices: Int32Array,
  left: Float64Array,
  from: number,
  right: Float64Array,
  to: number,
  starts: Int32Array,
  count: number,
  events: number,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const s0 = to + (starts[k] ?? 0);
    const s1 = to + (starts[k + 1] ?? 0);
    const s2 = to + (starts[k + 2] ?? 0);
    const s3 = to + (starts[k + 3] ?? 0);
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let event = 0; event < events; event++) {
      const x = left[from + event] ?? 0;
      a += x * (right[s0 + event] ?? 0);
      b += x * (right[s1 + event] ?? 0);
      c += x * (right[s2 + event] ?? 0);
      d += x * (right[s3 + event] ?? 0);
    }
    addAt(sums, indices[k] ?? 0, a);
    addAt(sums, indices[k + 1] ?? 0, b);
    addAt(sums, indices[k + 2] ?? 0, c);
    addAt(sums, indices[k + 3] ?? 0, d);
  }
  for (; k < count; k++) {
    const start = to + (starts[k] ?? 0);
    let sum = 0;
    for (let event = 0; event < events; event++) sum += (left[from + event] ?? 0) * (right[start + event] ?? 0);
    addAt(sums, indices[k] ?? 0, sum);
  }
}

function addAt(sums: Float64Array, index: number, value: number): void {
  sums[index] = (sums[index] ?? 0) + value;
}
