/** Verilog expressions that reach every operator of Verilog-2005 at many widths and signs, in one module. */

export interface ExpressionCase {
  readonly text: string;
  readonly width: number;
  /** The value from the operands' patterns, computed without any simulator; given for a sample only. */
  readonly model?: (inputs: ExpressionInputs) => bigint;
}

/** Patterns of the module's inputs: `a` and `b` of 6 bits, `p` and `q` of 100. */
export interface ExpressionInputs {
  readonly a: bigint;
  readonly b: bigint;
  readonly p: bigint;
  readonly q: bigint;
}

const NARROW_WIDTHS = [
  [1, 3],
  [3, 3],
  [6, 4],
  [5, 1],
] as const;
const WIDE_WIDTHS = [
  [32, 32],
  [31, 33],
  [54, 20],
  [64, 40],
  [70, 70],
  [97, 9],
] as const;
const SIGNS = ['u', 's'] as const;
const ARITHMETIC = ['+', '-', '*'] as const;
const OTHER = ['&', '|', '^', '~^', '==', '!=', '===', '<', '<=', '>', '>=', '&&', '||'] as const;
const SHIFTS = ['<<', '>>', '<<<', '>>>'] as const;
const UNARY = ['-', '~', '&', '|', '^', '~&', '~|', '~^', '!'] as const;

function signedValue(pattern: bigint, width: number, sign: 'u' | 's'): bigint {
  const low = BigInt.asUintN(width, pattern);
  return sign === 's' ? BigInt.asIntN(width, low) : low;
}

const MODELS = {
  '+': (x: bigint, y: bigint) => x + y,
  '-': (x: bigint, y: bigint) => x - y,
  '*': (x: bigint, y: bigint) => x * y,
} as const;

function binaryCases(left: string, right: string, widths: readonly (readonly [number, number])[]): ExpressionCase[] {
  const cases: ExpressionCase[] = [];
  for (const [leftWidth, rightWidth] of widths) {
    for (const leftSign of SIGNS) {
      for (const rightSign of SIGNS) {
        const x = `${left}_${leftSign}${String(leftWidth)}`;
        const y = `${right}_${rightSign}${String(rightWidth)}`;
        for (const operator of ARITHMETIC) {
          for (const width of [leftWidth + rightWidth + 1, Math.max(1, leftWidth - 1)]) {
            cases.push({
              text: `${x} ${operator} ${y}`,
              width,
              model: (inputs) => {
                // Verilog: signed only if both are; otherwise both are read as unsigned before extension.
                const sign = leftSign === 's' && rightSign === 's' ? 's' : 'u';
                const [first, second] = left === 'a' ? [inputs.a, inputs.b] : [inputs.p, inputs.q];
                const exact = MODELS[operator](
                  signedValue(first, leftWidth, sign),
                  signedValue(second, rightWidth, sign),
                );
                return BigInt.asUintN(width, exact);
              },
            });
          }
        }
        for (const operator of OTHER) cases.push({ text: `${x} ${operator} ${y}`, width: leftWidth + 2 });
        if (rightWidth < 10 || leftSign !== rightSign) {
          const amount = rightWidth > 9 ? `${y}[6:0]` : y;
          for (const operator of SHIFTS) cases.push({ text: `${x} ${operator} ${amount}`, width: leftWidth + 3 });
        }
        // An odd divisor is never zero. Icarus 11 divides wrongly (and slowly) above 64 bits: see cells.test.ts for those.
        for (const operator of Math.max(leftWidth, rightWidth) > 64 ? [] : ['/', '%']) {
          const divisor = leftSign === 's' && rightSign === 's' ? `(${y} | $signed(2'b01))` : `(${y} | 1'b1)`;
          cases.push({ text: `${x} ${operator} ${divisor}`, width: leftWidth });
        }
        cases.push({ text: `(${x} < ${y}) ? ${x} : ${y}`, width: Math.max(leftWidth, rightWidth) + 2 });
      }
    }
  }
  return cases;
}

function unaryCases(prefix: string, widths: readonly number[]): ExpressionCase[] {
  return widths.flatMap((width) =>
    SIGNS.flatMap((sign) => {
      const x = `${prefix}_${sign}${String(width)}`;
      return UNARY.map((operator) => ({ text: `${operator}${x}`, width: width + 2 }));
    }),
  );
}

const SPECIAL_CASES: readonly ExpressionCase[] = [
  { text: '{a, b, a[0]}', width: 13, model: ({ a, b }) => (a << 7n) | (b << 1n) | (a & 1n) },
  { text: '{3{a[4:2]}}', width: 9, model: ({ a }) => ((a >> 2n) & 7n) * 0b1001001n },
  { text: "{{40{a[5]}}, a, 2'b10}", width: 48 },
  { text: '{p[3:0], p[99:40], {5{q[7]}}, q[33:30]}', width: 73 },
  { text: 'q[90 -: 37]', width: 37, model: ({ q }) => (q >> 54n) & ((1n << 37n) - 1n) },
  { text: 'p[b[4:0] +: 33]', width: 33, model: ({ p, b }) => (p >> (b & 31n)) & ((1n << 33n) - 1n) },
  { text: 'p[a]', width: 1, model: ({ p, a }) => (p >> a) & 1n },
  { text: "q[{1'b0, b} + 30 -: 20]", width: 20 },
  { text: '$signed(a[3:0]) >>> b[1:0]', width: 9 },
  { text: 'p >> q[9:0]', width: 100 },
  { text: '$signed(p) >>> q[9:0]', width: 120 },
  { text: 'p << q[69:0]', width: 130 },
  { text: "(a > b) ? (a == 6'd9) ? p : q : ~p", width: 100 },
  { text: "12'sd5 - $signed(a)", width: 12, model: ({ a }) => BigInt.asUintN(12, 5n - BigInt.asIntN(6, a)) },
  { text: 'square(a)', width: 12, model: ({ a }) => a * a },
  { text: 'table_of(a[3:0])', width: 8, model: ({ a }) => ((a & 15n) * 37n + 11n) & 255n },
  { text: 'priority_of(a[2:0])', width: 4 },
  { text: 'p * q', width: 200, model: ({ p, q }) => p * q },
  { text: '$signed(p) * $signed(q)', width: 200 },
  { text: '-$signed(p)', width: 131 },
];

export const EXPRESSION_CASES: readonly ExpressionCase[] = [
  ...binaryCases('a', 'b', NARROW_WIDTHS),
  ...binaryCases('p', 'q', WIDE_WIDTHS),
  ...unaryCases('a', [1, 3, 6]),
  ...unaryCases('p', [32, 33, 54, 97]),
  ...SPECIAL_CASES,
];

/** The module `expressions` with inputs a, b, p, q and one output `e<index>` per case. */
export function expressionModule(): string {
  const ports = EXPRESSION_CASES.map(({ width }, index) => `output wire [${String(width - 1)}:0] e${String(index)}`);
  const views = new Set(EXPRESSION_CASES.flatMap(({ text }) => text.match(/\b[abpq]_[us]\d+\b/g) ?? []));
  const wires = [...views].map((name) => {
    const [, source = '', sign = '', width = ''] = /^(.)_(.)(\d+)$/.exec(name) ?? [];
    return `  wire ${sign === 's' ? 'signed ' : ''}[${String(Number(width) - 1)}:0] ${name} = ${source}[${String(Number(width) - 1)}:0];`;
  });
  const entries = Array.from(
    { length: 16 },
    (_, index) => `4'd${String(index)}: table_of = 8'd${String((index * 37 + 11) & 255)};`,
  );
  return `module expressions (
  input wire [5:0] a, input wire [5:0] b, input wire [99:0] p, input wire [99:0] q,
  ${ports.join(',\n  ')}
);
${wires.join('\n')}
  function [11:0] square(input [5:0] x);
    square = x * x;
  endfunction
  function [7:0] table_of(input [3:0] x);
    case (x)
      ${entries.join('\n      ')}
    endcase
  endfunction
  function [3:0] priority_of(input [2:0] x);
    casez (x)
      3'b1??: priority_of = 4'd9;
      3'b?1?: priority_of = {1'b0, x};
      3'b001: priority_of = 4'd4;
      default: priority_of = 4'd1;
    endcase
  endfunction
${EXPRESSION_CASES.map(({ text }, index) => `  assign e${String(index)} = ${text};`).join('\n')}
endmodule
`;
}
