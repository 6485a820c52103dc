import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandRun } from '../support/command-line.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

/** Proof that verification can fail: one fault at a time in a folder that was right. */

const LATENCY = 3;
const scratch = scratchFolder();
let count = 0;

beforeAll(async () => {
  const run = await trigc(
    'compile',
    scratch.write('net.onnx', smallModel().bytes()),
    '-o',
    scratch.path('right'),
    '--latency',
    String(LATENCY),
  );
  expect(run.code).toBe(0);
});

/** A change of the text of one file: of all places that match, the one counted by `site`. */
interface Fault {
  readonly file: string;
  readonly find: RegExp;
  readonly replace: string | ((match: RegExpExecArray) => string);
}

const sites = (text: string, { find }: Fault): readonly RegExpExecArray[] => [
  ...text.matchAll(new RegExp(find.source, `${find.flags.replace('g', '')}g`)),
];

function mutate(text: string, fault: Fault, site: number): string {
  const match = sites(text, fault)[site];
  if (match === undefined) throw new Error(`${String(fault.find)} has no place ${site} in ${fault.file}`);
  const [whole] = match;
  const changed = typeof fault.replace === 'string' ? whole.replace(fault.find, fault.replace) : fault.replace(match);
  if (changed === whole) throw new Error(`${String(fault.find)} changes nothing in ${fault.file}`);
  return text.slice(0, match.index) + changed + text.slice(match.index + whole.length);
}

/** Verify a copy of the folder with the faults in it. */
async function verifyWith(faults: readonly Fault[], site = 0): Promise<CommandRun> {
  const folder = scratch.path(`fault${count++}`);
  cpSync(scratch.path('right'), folder, { recursive: true });
  for (const fault of faults) {
    const path = join(folder, fault.file);
    writeFileSync(path, mutate(readFileSync(path, 'utf8'), fault, site));
  }
  return trigc('verify', folder, '--engine', 'yosys', '--vectors', '400');
}

/** A fault may by chance change no value; then the next place is taken. At most this many are tried. */
const MAXIMUM_TRIES = 4;

async function caught(fault: Fault): Promise<CommandRun> {
  const places = sites(readFileSync(scratch.path('right', fault.file), 'utf8'), fault).length;
  let run = await verifyWith([fault]);
  for (let site = 1; run.code === 0 && site < Math.min(places, MAXIMUM_TRIES); site++)
    run = await verifyWith([fault], site);
  return run;
}

function mismatches(run: CommandRun): number {
  const match = /^verified 400 vectors, (\d+) mismatches, latency \d+ cycles, II 1 \(engine yosys\)$/u.exec(run.stdout);
  return Number(match?.[1] ?? Number.NaN);
}

const FIRST = 'rtl/net_dense_1.v';
const SECOND = 'rtl/net_dense_2.v';
const TOP = 'rtl/net.v';

describe('a fault in the emitted Verilog', () => {
  it.each<[string, Fault, string]>([
    ['a sum for a difference', { file: FIRST, find: /(\w|\}) - (\w|\{)/u, replace: '$1 + $2' }, 'dense_1'],
    ['a difference for a sum', { file: SECOND, find: /(\w|\}) \+ (\w|\{)/u, replace: '$1 - $2' }, 'dense_2'],
    [
      'a shift by one place too few',
      { file: SECOND, find: /, ([2-9])'d0\}/u, replace: ([, zeros]) => `, ${Number(zeros) - 1}'d0}` },
      'dense_2',
    ],
    [
      'a changed constant',
      {
        file: FIRST,
        find: /('s?d)([1-9]\d*)(?=;| [+-])/u,
        replace: ([, base, digits]) => `${base ?? ''}${Number(digits) ^ 1}`,
      },
      'dense_1',
    ],
    ['a changed bound', { file: SECOND, find: /8'd127/u, replace: "8'd126" }, 'dense_2'],
    ['a lost sign', { file: FIRST, find: /\{(\w+)\[\d+\], \1/u, replace: "{1'd0, $1" }, 'dense_1'],
    ['a wire one bit too narrow', { file: SECOND, find: /wire \[6:0\]/u, replace: 'wire [5:0]' }, 'dense_2'],
    [
      'two swapped port connections',
      { file: TOP, find: /(\.in_1)(\(\w+\))(,\s*\.in_2)(\(\w+\))/u, replace: '$1$4$3$2' },
      'dense_1',
    ],
    [
      'a bit stuck at zero',
      { file: FIRST, find: /assign (out_\d) = (\w+);/u, replace: "assign $1 = $2 & 8'hfd;" },
      'dense_1',
    ],
    [
      'a bit stuck at one',
      { file: SECOND, find: /assign (out_\d) = (\w+);/u, replace: "assign $1 = $2 | 8'h04;" },
      'dense_2',
    ],
    ['an inverted selection', { file: FIRST, find: /= (\w+\[\d+\]) \?/u, replace: '= !$1 ?' }, 'dense_1'],
    [
      'a slice one bit off',
      {
        file: FIRST,
        find: /\[(\d+):([1-9]\d*)\];/u,
        replace: ([, high, low]) => `[${Number(high) - 1}:${Number(low) - 1}];`,
      },
      'dense_1',
    ],
  ])('(%s) is caught and traced to its node', async (_, fault, node) => {
    const run = await caught(fault);
    expect(run.code).toBe(1);
    expect(mismatches(run)).toBeGreaterThan(0);
    expect(run.stderr).toMatch(/^warning TRG4006 \[\S+\.v\]: its hash/mu);
    expect(run.stderr).toMatch(
      /^first mismatch: vector \d+, output 'y', element [01]: expected code -?\d+, simulated code -?\d+$/mu,
    );
    expect(run.stderr).toMatch(
      new RegExp(`^it begins in MatMul '${node}'.*: signal \\S+ is -?\\d+ where -?\\d+ is expected$`, 'mu'),
    );
  });

  it('of swapped elements at the output port is caught and said to lie there', async () => {
    const run = await verifyWith([{ file: TOP, find: /\{w_y_e1, w_y_e0\}/u, replace: '{w_y_e0, w_y_e1}' }]);
    expect(run.code).toBe(1);
    expect(mismatches(run)).toBeGreaterThan(0);
    expect(run.stderr).toContain(
      'all values between the kernels are as the design text has them: the difference lies at the ports',
    );
  });

  it('that leaves an output unknown is caught as such', async () => {
    const run = await verifyWith([
      { file: SECOND, find: /assign out_1 = (\w+);/u, replace: "assign out_1 = {$1[7:1], 1'bx};" },
    ]);
    expect(run.code).toBe(1);
    expect(mismatches(run)).toBe(400);
    expect(run.stderr).toContain('simulated an unknown value');
  });

  it('that is no Verilog any more is refused with what the engine says', async () => {
    const run = await verifyWith([{ file: SECOND, find: /endmodule/u, replace: '' }]);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/error TRG4009: yosys: Yosys refused the design: .*syntax error/u);
  });
});

describe('a fault in the reference', () => {
  it.each<[string, Fault]>([
    ['a weight', { file: 'model.trigc', find: /codes: \[3, -2, 5,/u, replace: 'codes: [3, -2, 4,' }],
    ['a rounding mode', { file: 'model.trigc', find: /(6,5>\], rounding: )RND_CONV/u, replace: '$1RND' }],
  ])('(%s) is caught', async (_, fault) => {
    const run = await verifyWith([fault]);
    expect(run.code).toBe(1);
    expect(mismatches(run)).toBeGreaterThan(0);
    expect(run.stderr).toContain('warning TRG4006');
    expect(run.stderr).toContain('or in the design text itself');
  });

  it('(the design text, from which nothing is judged) only leaves the node unnamed, with the reason', async () => {
    const run = await verifyWith([
      { file: SECOND, find: /8'd127/u, replace: "8'd126" },
      { file: 'design.trigc', find: /^schedule$/mu, replace: 'shedule' },
    ]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^the node cannot be named: /mu);
  });
});

describe('a wrong latency', () => {
  it.each<[string, readonly Fault[], number]>([
    [
      'a rank less',
      [0, 1].map((index) => ({
        file: TOP,
        find: new RegExp(`w_y_e${index} = w_dense_2_out_${index}_d1`, 'u'),
        replace: `w_y_e${index} = w_dense_2_out_${index}`,
      })),
      LATENCY - 1,
    ],
    [
      'a rank more',
      [
        {
          file: TOP,
          find: /assign y = (\{.*\});/u,
          replace: 'reg [15:0] late; always @(posedge clk) late <= $1; assign y = late;',
        },
      ],
      LATENCY + 1,
    ],
  ])('of the Verilog (%s) is caught and measured', async (_, faults, latency) => {
    const run = await verifyWith(faults);
    expect(run.code).toBe(1);
    expect(mismatches(run)).toBeGreaterThan(0);
    expect(run.stdout).toContain(`latency ${latency} cycles`);
    expect(run.stderr).toContain(
      `the values are right after ${latency} cycles: the latency is not the ${LATENCY} cycles of the manifest`,
    );
    expect(run.stderr).toContain('the difference lies at the ports, in time');
  });

  it('of one element only is caught, and no latency is claimed', async () => {
    const run = await verifyWith([
      {
        file: TOP,
        find: /wire signed \[7:0\] w_y_e1 = (\w+);/u,
        replace: 'reg signed [7:0] w_y_e1; always @(posedge clk) w_y_e1 <= $1;',
      },
    ]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('the latency is not established');
  });

  it.each([0, 4])('of %i in the manifest is caught, and the true one is said', async (claimed) => {
    const run = await verifyWith([{ file: 'trigc.json', find: /"latency": 3/u, replace: `"latency": ${claimed}` }]);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`latency ${LATENCY} cycles`);
    expect(run.stderr).toContain(`the latency is not the ${claimed} cycles of the manifest`);
  });
});
