/** Every operation of the runtime of generated C++ beside what it should give, as one C++ file and a list of models. */

export interface RuntimeCase {
  /** A call; `a` and `b` are the operands, `out` the result's words where it is wide. */
  readonly call: string;
  readonly widths: readonly [a: number, b: number];
  /** Bits of the result that count. */
  readonly width: number;
  /** Bits above the width are zero. */
  readonly clean: boolean;
  readonly model: (a: bigint, b: bigint) => bigint;
  /** Values of b, where it is an amount or a position. */
  readonly amounts?: readonly bigint[];
}

type Letter = 'I' | 'Q' | 'W';

const letter = (width: number): Letter => (width <= 32 ? 'I' : width <= 64 ? 'Q' : 'W');
const words = (width: number): number => Math.ceil(width / 32);
const signed = (value: bigint, width: number): bigint => BigInt.asIntN(width, value);
const ones = (width: number): bigint => (1n << BigInt(width)) - 1n;
const bit = (condition: boolean): bigint => (condition ? 1n : 0n);
const parity = (value: bigint): bigint => BigInt(value.toString(2).replaceAll('0', '').length & 1);
const count = (value: bigint): bigint => BigInt(value.toString(2).replaceAll('0', '').length);

const NARROW = [1, 7, 8, 16, 31, 32] as const;
const MIDDLE = [33, 47, 63, 64] as const;
const WIDE = [65, 95, 96, 127, 128, 200] as const;
const WIDTHS = [...NARROW, ...MIDDLE, ...WIDE] as const;
const OWN_TYPE = { I: NARROW, Q: MIDDLE, W: WIDE } as const;

/** `VL_name(parameters, operands)`, with the result's words first among the operands of a wide one. */
function call(
  name: string,
  result: Letter,
  parameters: readonly (number | string)[],
  operands: readonly string[],
): string {
  return `VL_${name}(${[...parameters, ...(result === 'W' ? ['out'] : []), ...operands].join(', ')})`;
}

function unary(): RuntimeCase[] {
  const cases: RuntimeCase[] = [];
  for (const width of WIDTHS) {
    const kind = letter(width);
    const one = (
      name: string,
      parameters: readonly number[],
      result: number,
      clean: boolean,
      model: (a: bigint) => bigint,
    ): void => {
      const text = call(name, letter(result), parameters, ['a']);
      cases.push({ call: text, widths: [width, 1], width: result, clean, model });
    };
    const size = kind === 'W' ? [words(width)] : [];
    one(`REDAND_I${kind}`, [width], 1, true, (a) => bit(a === ones(width)));
    one(`REDOR_${kind}`, size, 1, true, (a) => bit(a !== 0n));
    one(`COUNTONES_${kind}`, size, 32, true, count);
    one(`ONEHOT_${kind}`, size, 1, true, (a) => bit(count(a) === 1n));
    one(`ONEHOT0_${kind}`, size, 1, true, (a) => bit(count(a) <= 1n));
    one(`NEGATE_${kind}`, size, width, false, (a) => -a);
    if (kind === 'W') {
      one('REDXOR_W', size, 1, true, parity);
      one('NOT_W', size, width, false, (a) => ~a);
      one('ASSIGN_W', [width], width, true, (a) => a);
      if (width > 70) one('CLEAN_WW', [width - 5], width - 5, true, (a) => a);
      cases.push({
        call: `VL_NEGATE_INPLACE_W(${String(words(width))}, VL_ASSIGN_W(${String(width)}, out, a))`,
        ...{ widths: [width, 1], width, clean: false, model: (a) => -a },
      });
    } else {
      one(`CLEAN_${kind}${kind}`, [width, width], width, true, (a) => a);
    }
    for (const to of [width, width + 1, width + 31, width + 32, width + 90]) {
      const into = letter(to);
      one(`EXTEND_${into}${kind}`, [to, width], to, true, (a) => a);
      one(`EXTENDS_${into}${kind}`, [to, width], to, into === 'W', (a) => signed(a, width));
    }
  }
  for (const width of [2, 4, 8, 16, 32, 64]) {
    cases.push({ call: `VL_REDXOR_${String(width)}(a)`, widths: [width, 1], width: 1, clean: true, model: parity });
  }
  for (const copies of [2, 3, 9]) {
    for (const width of WIDTHS) {
      const to = width * copies;
      const from = letter(width);
      if (letter(to) === 'Q' && from === 'Q') continue;
      const text = call(`REPLICATE_${letter(to)}${from}I`, letter(to), [width], ['a', String(copies)]);
      const model = (a: bigint): bigint =>
        Array.from({ length: copies }, () => a).reduce((sum, value) => (sum << BigInt(width)) | value);
      cases.push({ call: text, widths: [width, 1], width: to, clean: letter(to) === 'W', model });
    }
  }
  const copy = (kind: 'I' | 'Q', width: number): RuntimeCase => ({
    call: `VL_REPLICATE_${kind}OI(1, a, ${String(width)})`,
    ...{ widths: [1, 1], width, clean: false, model: (a) => a * ones(width) },
  });
  return [...cases, copy('I', 9), copy('I', 32), copy('Q', 40), copy('Q', 64)];
}

function arithmetic(): RuntimeCase[] {
  const cases: RuntimeCase[] = [];
  const quotient = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b);
  const rest = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a % b);
  for (const width of WIDTHS) {
    const kind = letter(width);
    const two = (
      name: string,
      parameter: number,
      result: number,
      clean: boolean,
      model: RuntimeCase['model'],
    ): void => {
      const text = call(name, letter(result), [parameter], ['a', 'b']);
      cases.push({ call: text, widths: [width, width], width: result, clean, model });
    };
    const both =
      (model: (a: bigint, b: bigint) => bigint): RuntimeCase['model'] =>
      (a, b) =>
        model(signed(a, width), signed(b, width));
    const three = `${kind}${kind}${kind}`;
    two(`MULS_${three}`, width, width, kind === 'W', (a, b) => a * b);
    two(`DIV_${three}`, width, width, true, quotient);
    two(`MODDIV_${three}`, width, width, true, rest);
    two(`DIVS_${three}`, width, width, kind === 'W', both(quotient));
    two(`MODDIVS_${three}`, width, width, kind === 'W', both(rest));
    two(
      `LTS_I${kind}${kind}`,
      width,
      1,
      true,
      both((a, b) => bit(a < b)),
    );
    two(
      `LTES_I${kind}${kind}`,
      width,
      1,
      true,
      both((a, b) => bit(a <= b)),
    );
    two(
      `GTS_I${kind}${kind}`,
      width,
      1,
      true,
      both((a, b) => bit(a > b)),
    );
    two(
      `GTES_I${kind}${kind}`,
      width,
      1,
      true,
      both((a, b) => bit(a >= b)),
    );
    if (kind !== 'W') continue;
    const size = words(width);
    two('AND_W', size, width, true, (a, b) => a & b);
    two('OR_W', size, width, true, (a, b) => a | b);
    two('XOR_W', size, width, true, (a, b) => a ^ b);
    two('ADD_W', size, width, false, (a, b) => a + b);
    two('SUB_W', size, width, false, (a, b) => a - b);
    two('MUL_W', size, width, false, (a, b) => a * b);
    two('EQ_W', size, 1, true, (a, b) => bit(a === b));
    two('NEQ_W', size, 1, true, (a, b) => bit(a !== b));
    two('LT_W', size, 1, true, (a, b) => bit(a < b));
    two('LTE_W', size, 1, true, (a, b) => bit(a <= b));
    two('GT_W', size, 1, true, (a, b) => bit(a > b));
    two('GTE_W', size, 1, true, (a, b) => bit(a >= b));
    const differ = `VL_CHANGEXOR_W(${String(size)}, a, b) != 0`;
    cases.push({ call: differ, widths: [width, width], width: 1, clean: true, model: (a, b) => bit(a !== b) });
    for (const condition of [0, 1]) {
      const text = `VL_COND_WIWW(${String(width)}, out, ${String(condition)}, a, b)`;
      cases.push({
        call: text,
        widths: [width, width],
        width,
        clean: true,
        model: (a, b) => (condition === 1 ? a : b),
      });
    }
  }
  return cases;
}

function shifts(): RuntimeCase[] {
  const cases: RuntimeCase[] = [];
  for (const width of WIDTHS) {
    for (const amountWidth of [8, 40, 70]) {
      const kinds = `${letter(width)}${letter(width)}${letter(amountWidth)}`;
      const edges = [0, 1, 31, 32, 33, 63, 64, 65, width - 1, width, width + 1, 255];
      const beyond = amountWidth === 8 ? [] : [1n << 32n, 1n << 39n, ...(amountWidth > 64 ? [1n << 69n] : [])];
      const amounts = [...edges.filter((amount) => amount >= 0).map(BigInt), ...beyond];
      const shift = (name: string, model: RuntimeCase['model']): void => {
        const text = call(`${name}_${kinds}`, letter(width), [width, width, amountWidth], ['a', 'b']);
        cases.push({ call: text, widths: [width, amountWidth], width, clean: true, model, amounts });
      };
      const cut = (amount: bigint): bigint => (amount > 300n ? 300n : amount);
      shift('SHIFTL', (a, b) => a << cut(b));
      shift('SHIFTR', (a, b) => a >> cut(b));
      shift('SHIFTRS', (a, b) => signed(a, width) >> cut(b));
    }
  }
  return cases;
}

function joins(): RuntimeCase[] {
  const cases: RuntimeCase[] = [];
  for (const high of [3, 20, 32, 40, 64, 70, 128]) {
    for (const low of [5, 32, 33, 44, 64, 65, 160]) {
      const kinds = `${letter(high + low)}${letter(high)}${letter(low)}`;
      const text = call(`CONCAT_${kinds}`, letter(high + low), [high + low, high, low], ['a', 'b']);
      cases.push({
        call: text,
        widths: [high, low],
        width: high + low,
        clean: true,
        model: (a, b) => (a << BigInt(low)) | b,
      });
    }
  }
  for (const width of WIDTHS) {
    const kind = letter(width);
    for (const part of [1, 9, 32, 40, 64, 66, 100].filter((size) => size <= width)) {
      const into = letter(part);
      if (kind !== 'W' && into !== kind && into !== 'I') continue;
      const positions = [0, 1, 31, 32, 33, 63, 64, width - part]
        .filter((low) => low >= 0 && low + part <= width)
        .map(BigInt);
      const parameters = into === 'W' ? [part, width] : [width];
      const text = call(`SEL_${into}${kind}II`, into, parameters, ['a', 'b', String(part)]);
      const model = (a: bigint, b: bigint): bigint => (a >> b) & ones(part);
      cases.push({ call: text, widths: [width, 8], width: part, clean: true, model, amounts: positions });
    }
    const every = Array.from({ length: width }, (_, index) => BigInt(index));
    const pick = (name: string, parameters: readonly number[], operands: readonly string[]): void => {
      const text = `(${call(name, 'I', parameters, operands)} & 1) != 0`;
      cases.push({
        call: text,
        widths: [width, 8],
        width: 1,
        clean: true,
        model: (a, b) => (a >> b) & 1n,
        amounts: every,
      });
    };
    pick(kind === 'Q' ? 'BITSEL_QQII' : `BITSEL_I${kind}II`, [width], ['a', 'b']);
    if (kind === 'Q') pick('BITSEL_IQII', [width], ['a', 'b']);
    pick(`BITISSET_${kind}`, [], ['a', 'b']);
    if (kind === 'W') {
      pick('BITRSHIFT_W', [], ['a', 'b']);
      pick('BITISSETLIMIT_W', [], ['a', String(width), 'b']);
    }
  }
  return cases;
}

function assignments(): RuntimeCase[] {
  const cases: RuntimeCase[] = [];
  const types = { I: 'IData', Q: 'QData', W: 'W' } as const;
  for (const kind of ['I', 'Q', 'W'] as const) {
    for (const width of OWN_TYPE[kind]) {
      for (const part of [1, 8, 32, 33, 64, 65].filter((size) => size <= width)) {
        const from = kind === 'I' ? 'I' : letter(part);
        for (const low of new Set([0, width - part, Math.floor((width - part) / 2)])) {
          const arguments_ = `${String(part)}, ${String(width)}, ${String(low)}`;
          const text =
            kind === 'W'
              ? `VL_ASSIGN_W(${String(width)}, out, a); VL_ASSIGNSEL_W${from}(${arguments_}, out, b)`
              : `${types[kind]} variable = a; VL_ASSIGNSEL_${kind}${from}(${arguments_}, variable, b); put(out, variable)`;
          const mask = ones(part) << BigInt(low);
          const model = (a: bigint, b: bigint): bigint => (a & ~mask) | (b << BigInt(low));
          cases.push({ call: text, widths: [width, part], width, clean: true, model });
        }
      }
      const position = width - 1;
      const top = 1n << BigInt(position);
      const bitTo = kind === 'W' ? `VL_ASSIGN_W(${String(width)}, out, a); ` : `${types[kind]} variable = a; `;
      const target = kind === 'W' ? 'out' : 'variable';
      const finish = kind === 'W' ? '' : '; put(out, variable)';
      const common = { widths: [width, 1] as const, width, clean: true };
      cases.push(
        {
          call: `${bitTo}VL_ASSIGNBIT_${kind}I(${String(position)}, ${target}, b)${finish}`,
          ...{ ...common, model: (a, b) => (a & ~top) | (b * top) },
        },
        {
          call: `${bitTo}VL_ASSIGNBIT_${kind}O(${String(position)}, ${target})${finish}`,
          ...{ ...common, model: (a) => a | top },
        },
      );
    }
  }
  return cases;
}

function constants(): RuntimeCase[] {
  const digits = (amount: number): bigint[] =>
    Array.from({ length: amount }, (_, index) => BigInt(0x9e3779b1 ^ (index * 0x1234567)) & 0xffffffffn);
  const text = (values: readonly bigint[]): string => values.map((value) => `0x${value.toString(16)}U`).join(', ');
  const value = (values: readonly bigint[]): bigint => values.reduce((sum, word) => (sum << 32n) | word, 0n);
  const cases: RuntimeCase[] = [];
  for (let amount = 1; amount <= 8; amount++) {
    const list = digits(amount);
    const width = 32 * (amount + 2);
    cases.push({
      call: `VL_CONST_W_${String(amount)}X(${String(width)}, out, ${text(list)})`,
      ...{ widths: [1, 1], width, clean: true, model: () => value(list) },
    });
    cases.push({
      call: `VL_ASSIGN_W(64, out, a); VL_CONSTHI_W_${String(amount)}X(${String(width)}, 64, out, ${text(list)})`,
      ...{ widths: [65, 1], width, clean: true, model: (a) => (value(list) << 64n) | (a & ones(64)) },
    });
  }
  const list = digits(8);
  cases.push(
    {
      call: `VL_ASSIGN_W(64, out, a); VL_CONSTLO_W_8X(64, out, ${text(list)})`,
      ...{ widths: [65, 1], width: 320, clean: true, model: (a) => (value(list) << 64n) | (a & ones(64)) },
    },
    { call: 'VL_ALLONES_W(70, out)', widths: [1, 1], width: 70, clean: true, model: () => ones(70) },
    { call: 'VL_ZERO_W(70, out)', widths: [1, 1], width: 70, clean: true, model: () => 0n },
    { call: 'VL_ZERO_RESET_W(70, out)', widths: [1, 1], width: 70, clean: true, model: () => 0n },
    { call: 'VL_SET_WI(out, a)', widths: [32, 1], width: 64, clean: true, model: (a) => a },
    { call: 'VL_SET_WQ(out, a)', widths: [64, 1], width: 64, clean: true, model: (a) => a },
    { call: 'VL_SET_QW(a)', widths: [96, 1], width: 64, clean: true, model: (a) => a },
    { call: 'VL_SET_QII(a, b)', widths: [32, 32], width: 64, clean: true, model: (a, b) => (a << 32n) | b },
  );
  return cases;
}

function mixed(): RuntimeCase[] {
  const shift: RuntimeCase = {
    call: 'VL_SHIFTRS_IQI(20, 50, 8, a, b)',
    ...{ widths: [50, 8], width: 20, clean: true, model: (a, b) => signed(a, 50) >> b },
    amounts: Array.from({ length: 70 }, (_, index) => BigInt(index)),
  };
  const join: RuntimeCase = {
    call: 'VL_CONCAT_QQQ(64, 1, 63, static_cast<QData>(a), b)',
    ...{ widths: [1, 63], width: 64, clean: true, model: (a, b) => (a << 63n) | b },
  };
  return [shift, join];
}

export const RUNTIME_CASES: readonly RuntimeCase[] = [
  ...unary(),
  ...arithmetic(),
  ...shifts(),
  ...joins(),
  ...assignments(),
  ...constants(),
  ...mixed(),
];

/** Words of an operand, of a result. */
export const OPERAND_WORDS = 8;
export const RESULT_WORDS = 64;

/** Functions of the runtime that no case calls by their name: parts of others, and what models use. */
export const PARTS_OF_OTHERS: ReadonlySet<string> = new Set([
  ...['VL_WORDS_I', 'VL_MASK_I', 'VL_MASK_E', 'VL_MASK_Q', 'VL_BITWORD_E', 'VL_BITBIT_E', 'VL_BITBIT_I', 'VL_BITBIT_Q'],
  ...['VL_BITISSET_E', 'VL_RAND_RESET_I', 'VL_RAND_RESET_Q', 'VL_RAND_RESET_W', 'VL_FATAL_MT'],
]);

/** The C++ file: a table of functions, and `runCase(index, operands, results, count)`. */
export function runtimeTestSource(): string {
  const operand = (name: string, offset: number, width: number): string => {
    const from = `operands + ${String(offset)}`;
    if (letter(width) === 'I') return `const IData ${name} = *(${from});`;
    return letter(width) === 'Q' ? `const QData ${name} = VL_SET_QW(${from});` : `const WDataInP ${name} = ${from};`;
  };
  const functions = RUNTIME_CASES.map(({ call: text, widths: [a, b], width }, index) => {
    const stores = letter(width) === 'W' || /\bout\b/.test(text);
    return [
      `static void case${String(index)}(const uint32_t* operands, uint32_t* out) {`,
      `  ${operand('a', 0, a)}`,
      `  ${operand('b', OPERAND_WORDS, b)}`,
      '  (void)a; (void)b;',
      `  ${stores ? text : `put(out, ${text})`};`,
      '}',
    ].join('\n');
  });
  return [
    '#include "verilated.h"',
    'TrigcUnknowns trigcUnknowns;',
    'static void put(uint32_t* out, bool value) { out[0] = value; }',
    'static void put(uint32_t* out, IData value) { out[0] = value; }',
    'static void put(uint32_t* out, QData value) { VL_SET_WQ(out, value); }',
    ...functions,
    'typedef void Case(const uint32_t*, uint32_t*);',
    `static Case* const cases[] = {${RUNTIME_CASES.map((_, index) => `case${String(index)}`).join(', ')}};`,
    'static void runCase(uint32_t index, const uint32_t* operands, uint32_t* results, uint32_t count) {',
    '  for (uint32_t vector = 0; vector < count; ++vector) {',
    `    for (int word = 0; word < ${String(RESULT_WORDS)}; ++word) results[word] = 0xa5a5a5a5U;`,
    '    cases[index](operands, results);',
    `    operands += ${String(2 * OPERAND_WORDS)};`,
    `    results += ${String(RESULT_WORDS)};`,
    '  }',
    '}',
    '',
  ].join('\n');
}
