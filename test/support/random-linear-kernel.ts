import { KernelBuilder } from '../../src/dataflow/builder.js';
import type { Kernel, NodeId } from '../../src/dataflow/kinds.js';
import type { Random } from '../../src/support/random.js';

/** Coefficients of every size: mostly small, at times zero, repeated, negative, or far beyond 2^53. */
export function randomCoefficient(random: Random): bigint {
  switch (random.integer(0, 19)) {
    case 0:
    case 1:
    case 2:
      return 0n;
    case 3:
      return random.bigint(-(1n << 70n), 1n << 70n);
    case 4:
      return random.pick([-1n, 1n]) << BigInt(random.integer(0, 40));
    case 5:
    case 6:
      return random.bigint(-2048n, 2047n);
    default:
      return random.bigint(-8n, 7n);
  }
}

/** matrix[column][input], with columns that repeat others up to shift and sign. */
export function randomColumns(random: Random, inputs: number, columns: number): bigint[][] {
  const matrix: bigint[][] = [];
  for (let column = 0; column < columns; column++) {
    const other = matrix[random.integer(0, Math.max(0, column - 1))];
    if (other !== undefined && random.integer(0, 3) === 0) {
      const scale = random.pick([1n, -1n, 2n, -4n]);
      matrix.push(other.map((coefficient) => coefficient * scale));
    } else {
      matrix.push(Array.from({ length: inputs }, () => randomCoefficient(random)));
    }
  }
  return matrix;
}

/**
 * Layers as lowering writes them: balanced sums of products with constants, biases, rounding, rectifiers, saturation,
 * with links from layer to layer.
 */
export function randomLayers(random: Random, name: string): Kernel {
  const builder = new KernelBuilder(name);
  let layer: NodeId[] = Array.from({ length: random.integer(1, 6) }, () => {
    const low = random.bigint(-64n, 20n);
    return builder.input({ low, high: low + random.bigint(0n, 100n) });
  });
  for (let depth = random.integer(1, 3); depth > 0; depth--) {
    builder.from({ name: `layer ${depth}`, operator: 'Gemm' });
    const columns = randomColumns(random, layer.length, random.integer(1, 6));
    const next = columns.map((column) => randomResult(random, builder, layer, column));
    layer = random.integer(0, 3) === 0 ? [...layer.slice(0, 2), ...next] : next;
  }
  for (const id of layer) builder.output(id);
  return builder.finish();
}

function randomResult(
  random: Random,
  builder: KernelBuilder,
  layer: readonly NodeId[],
  column: readonly bigint[],
): NodeId {
  const parts = column.map((coefficient, index) =>
    builder.multiply(layer[index] ?? builder.constant(0n), builder.constant(coefficient)),
  );
  if (random.integer(0, 1) === 0) parts.push(builder.constant(random.bigint(-1000n, 1000n)));
  const sum = balanced(builder, parts);
  const shift = random.integer(1, 4);
  const half = 1n << BigInt(shift - 1);
  switch (random.integer(0, 6)) {
    case 0:
      return builder.maximum(sum, builder.constant(0n));
    case 1:
      return builder.clamp(builder.floorShiftRight(builder.add(sum, builder.constant(half)), shift), {
        low: -32n,
        high: 31n,
      });
    case 2: {
      const even = builder.add(builder.slice(sum, shift, 1), builder.constant(half - 1n));
      return builder.wrap(builder.floorShiftRight(builder.add(sum, even), shift), 8, true);
    }
    case 3:
      return builder.maximum(sum, builder.negate(sum));
    case 4:
      return builder.subtract(builder.shiftLeft(sum, shift), layer[0] ?? sum);
    default:
      return sum;
  }
}

function balanced(builder: KernelBuilder, parts: readonly NodeId[]): NodeId {
  let level = parts;
  while (level.length > 1) {
    const next: NodeId[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index], level[index + 1]];
      if (left !== undefined) next.push(right === undefined ? left : builder.add(left, right));
    }
    level = next;
  }
  return level[0] ?? builder.constant(0n);
}
