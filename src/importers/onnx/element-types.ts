/** Element types by their ONNX number (TensorProto.DataType), including those newer than ONNX 1.10. */
export type FloatType = 'float32' | 'float64' | 'float16' | 'bfloat16';
export interface IntegerType {
  readonly signed: boolean;
  readonly bits: number;
  readonly name: string;
}
export type ElementType = { readonly float: FloatType } | { readonly integer: IntegerType };

const integerType = (name: string, signed: boolean, bits: number): ElementType => ({ integer: { name, signed, bits } });

const types: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [1, { float: 'float32' }],
  [2, integerType('uint8', false, 8)],
  [3, integerType('int8', true, 8)],
  [4, integerType('uint16', false, 16)],
  [5, integerType('int16', true, 16)],
  [6, integerType('int32', true, 32)],
  [7, integerType('int64', true, 64)],
  [9, integerType('bool', false, 1)],
  [10, { float: 'float16' }],
  [11, { float: 'float64' }],
  [12, integerType('uint32', false, 32)],
  [13, integerType('uint64', false, 64)],
  [16, { float: 'bfloat16' }],
  [21, integerType('uint4', false, 4)],
  [22, integerType('int4', true, 4)],
  [25, integerType('uint2', false, 2)],
  [26, integerType('int2', true, 2)],
]);

const otherNames: ReadonlyMap<number, string> = new Map([
  [0, 'undefined'],
  [8, 'string'],
  [14, 'complex64'],
  [15, 'complex128'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [23, 'float4e2m1'],
  [24, 'float8e8m0'],
]);

/** Undefined for element types that Trigc does not read. */
export function elementTypeOf(number: number): ElementType | undefined {
  return types.get(number);
}

export function elementTypeName(number: number): string {
  const type = types.get(number);
  if (type !== undefined) return nameOf(type);
  return otherNames.get(number) ?? `element type ${number}`;
}

export function nameOf(type: ElementType): string {
  return 'float' in type ? type.float : type.integer.name;
}

export const int64: IntegerType = { name: 'int64', signed: true, bits: 64 };
export const boolean: IntegerType = { name: 'bool', signed: false, bits: 1 };

/** Integers wrap, as in ONNX Runtime. */
export function wrapInteger(value: bigint, type: IntegerType): bigint {
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

/** Round a double to the float type, ties to even. */
export function roundFloat(value: number, type: FloatType): number {
  switch (type) {
    case 'float64':
      return value;
    case 'float32':
      return Math.fround(value);
    case 'bfloat16':
      return roundMantissa(Math.fround(value), 8, -126, 127);
    case 'float16':
      return roundMantissa(value, 11, -14, 15);
  }
}

function roundMantissa(value: number, precision: number, minimumExponent: number, maximumExponent: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), minimumExponent);
  const quantum = 2 ** (exponent - precision + 1);
  const scaled = value / quantum;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  const result = rounded * quantum;
  return Math.abs(result) >= 2 ** (maximumExponent + 1) ? Math.sign(result) * Number.POSITIVE_INFINITY : result;
}
