import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../src/dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId } from '../../../src/dataflow/kinds.js';
import { parseKernel, parseProgram } from '../../../src/dataflow/parse.js';
import { printKernel, printProgram } from '../../../src/dataflow/print.js';
import { dataflowKinds } from '../../../src/dataflow/schema.js';
import { verifyKernel, verifyProgram } from '../../../src/dataflow/verify.js';
import { Random } from '../../../src/support/random.js';
import { TextSyntaxError } from '../../../src/support/text-tree.js';
import { randomKernel, randomProgram } from '../../support/random-kernel.js';

const byte = { low: -128n, high: 127n };

describe('the text form of a kernel', () => {
  it('shows a node per line with its range and its origin', () => {
    const builder = new KernelBuilder('Gemm_3');
    const x = builder.input(byte);
    builder.from({ name: 'Gemm_3', operator: 'Gemm' });
    const sum = builder.add(builder.shiftLeft(x, 2), builder.constant(5n));
    builder.output(builder.table(builder.clamp(sum, { low: 0n, high: 3n }), 0n, [4n, 4n, 4n, -1n]));
    expect(printKernel(builder.finish())).toBe(
      [
        'kernel "Gemm_3"',
        'origin "" ""',
        'origin "Gemm_3" "Gemm"',
        '%0 = input {index: 0, bounds: [-128, 127]} : [-128, 127] @0',
        '%1 = shiftLeft(%0) {amount: 2} : [-512, 508] @1',
        '%2 = constant {value: 5} : [5, 5] @1',
        '%3 = add(%1, %2) : [-507, 513] @1',
        '%4 = clamp(%3) {bounds: [0, 3]} : [0, 3] @1',
        '%5 = table(%4) {first: 0, values: [4 * 3, -1]} : [-1, 4] @1',
        'return (%5)',
        '',
      ].join('\n'),
    );
  });

  it('comes back deep equal and byte-identical, for every kind of node', { timeout: 60_000 }, () => {
    const random = new Random(1);
    const seen = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const inputs = Array.from({ length: random.integer(0, 4) }, () => byte);
      const kernel = randomKernel(random, `k"${round}\n\u202e`, { inputs, operations: 60, outputs: 3 });
      for (const node of kernel.nodes) seen.add(node.kind);
      const text = printKernel(kernel);
      const back = parseKernel(text);
      expect(back).toStrictEqual(kernel);
      expect(printKernel(back)).toBe(text);
    }
    expect([...seen].sort()).toStrictEqual([...dataflowKinds].sort());
  });

  it('is read without simplification', () => {
    const text = `kernel "k"
      origin "" ""
      %0 = constant {value: 1} : [1, 1] @0 // constants may repeat
      %1 = constant {value: 1} : [1, 1] @0
      %2 = add(%1, %0) : [2, 2] @0
      %3 = input {index: 1, bounds: [0, 1]} : [0, 1] @0
      %4 = input {index: 0, bounds: [0, 2]} : [0, 2] @0
      return (%2, %2)`;
    const kernel = parseKernel(text);
    expect(kernel.nodes.map((node) => node.kind)).toStrictEqual(['constant', 'constant', 'add', 'input', 'input']);
    expect(kernel.inputs).toStrictEqual([4, 3]);
    expect(kernel.outputs).toStrictEqual([2, 2]);
    verifyKernel(kernel);
  });

  it('marks a range that is narrower than its operands give', () => {
    const builder = new KernelBuilder('k');
    const x = builder.input(byte);
    builder.output(builder.subtract(builder.shiftLeft(x, 1), x));
    const kernel = builder.finish();
    const nodes = kernel.nodes.map((node): DataflowNode =>
      node.kind === 'subtract' ? { ...node, range: byte } : node,
    );
    const refined: Kernel = { ...kernel, nodes };
    verifyKernel(refined);
    const text = printKernel(refined);
    expect(text).toContain('%2 = subtract(%1, %0) : refined [-128, 127] @0\n');
    expect(parseKernel(text)).toStrictEqual(refined);
    expect(() => parseKernel(text.replace('refined ', ''))).toThrow(TextSyntaxError);
    expect(() => parseKernel(text.replace('refined [-128', 'refined [-384'))).toThrow(/line 5: .*lies within/u);
  });

  const header = 'kernel "k"\norigin "" ""\n%0 = input {index: 0, bounds: [-3, 5]} : [-3, 5] @0\n';
  it.each([
    ['', 1, /kernel/u],
    ['kernel k', 1, /quoted string/u],
    [`${header}%2 = negate(%0) : [-5, 3] @0\nreturn ()`, 4, /%2 where %1 is due/u],
    [`${header}%1 = frob(%0) : [-5, 3] @0\nreturn ()`, 4, /'frob' is not a kind/u],
    [`${header}%1 = constructor(%0) : [-5, 3] @0\nreturn ()`, 4, /'constructor' is not a kind/u],
    [`${header}%1 = negate(%0) : [-5, 4] @0\nreturn ()`, 4, /is \[-5, 3\]/u],
    [`${header}%1 = negate(%0) : [3, -5] @0\nreturn ()`, 4, /empty/u],
    [`${header}%1 = negate(%0) : [-5] @0\nreturn ()`, 4, /not \[low, high\]/u],
    [`${header}%1 = negate(%0, %0) : [-5, 3] @0\nreturn ()`, 4, /takes 1 operands, not 2/u],
    [`${header}%1 = negate(%1) : [-5, 3] @0\nreturn ()`, 4, /does not come before/u],
    [`${header}%1 = negate(%99999999999999999999) : [-5, 3] @0\nreturn ()`, 4, /does not come before/u],
    [`${header}%1 = negate(%0) : [-5, 3] @1\nreturn ()`, 4, /no origin 1/u],
    [`${header}%1 = shiftLeft(%0) {amount: -1} : [-5, 3] @0\nreturn ()`, 4, /shift by -1/u],
    [`${header}%1 = shiftLeft(%0) {amount: 9999999999} : [0, 3] @0\nreturn ()`, 4, /shift by/u],
    [`${header}%1 = shiftLeft(%0) {width: 1} : [-5, 3] @0\nreturn ()`, 4, /expected 'amount'/u],
    [`${header}%1 = wrap(%0) {width: 0, signed: true} : [0, 3] @0\nreturn ()`, 4, /width of 0/u],
    [`${header}%1 = wrap(%0) {width: 2, signed: maybe} : [0, 3] @0\nreturn ()`, 4, /neither true nor false/u],
    [`${header}%1 = assume(%0) {bounds: [9, 12]} : [9, 12] @0\nreturn ()`, 4, /no value meets/u],
    [`${header}%1 = table(%0) {first: 0, values: []} : [0, 3] @0\nreturn ()`, 4, /needs entries/u],
    [`${header}%1 = input {index: 0, bounds: [0, 1]} : [0, 1] @0\nreturn ()`, 5, /given twice/u],
    [`${header}%1 = input {index: 2, bounds: [0, 1]} : [0, 1] @0\nreturn ()`, 5, /input 2 among 2/u],
    [`${header}return (%1)`, 4, /no %1 to return/u],
    [`${header}return (%0)\nmore`, 5, /goes on/u],
  ] as const)('refuses %j on line %i', (text, line, message) => {
    let caught: unknown;
    try {
      parseKernel(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TextSyntaxError);
    expect(String(caught)).toContain(`line ${line}: `);
    expect(String(caught)).toMatch(message);
  });

  it('takes linear time: 100,000 nodes in seconds', { timeout: 60_000 }, () => {
    const builder = new KernelBuilder('big');
    const inputs = Array.from({ length: 64 }, () => builder.input(byte));
    let count = 0;
    let last = inputs[0] ?? (0 as NodeId);
    for (; count < 100_000; count++) {
      const sum = builder.add(last, inputs[count % 64] ?? last);
      last = count % 8 === 7 ? builder.wrap(sum, 9, true) : sum;
    }
    builder.output(last);
    const kernel = builder.finish();
    expect(kernel.nodes.length).toBeGreaterThan(100_000);
    const start = performance.now();
    const text = printKernel(kernel);
    const back = parseKernel(text);
    verifyKernel(back);
    // About a second on a free core; quadratic time would take minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(printKernel(back) === text).toBe(true);
  });
});

describe('the text form of a program', () => {
  const text = `dataflow 1 "network"
input "x" : [ap_fixed<8,4> * 2]
k0 = kernel "Gemm_3"
origin "" ""
%0 = input {index: 0, bounds: [-128, 127]} : [-128, 127] @0
%1 = shiftLeft(%0) {amount: 2} : [-512, 508] @0
return (%1, %0)
i0 = instance k0 "Gemm_3" @ "Gemm_3" "Gemm"
  [in.0]
  [in.1]
i1 = instance k0 "again" @ "Gemm_4" "Gemm"
  [i0.3]
output "y" = [i0.0, i1.0 * 2] : [ap_fixed<10,6> * 3]
`;

  it('shows ports, kernels, instances and references', () => {
    const program = parseProgram(text);
    expect(program.instances[1]?.positions).toStrictEqual([[{ instance: 0, index: 3 }]]);
    expect(printProgram(program)).toBe(text);
  });

  it('comes back deep equal and byte-identical', { timeout: 60_000 }, () => {
    const random = new Random(2);
    for (let round = 0; round < 80; round++) {
      const program = randomProgram(random, `p${round}`);
      verifyProgram(program);
      const printed = printProgram(program);
      const back = parseProgram(printed);
      expect(back).toStrictEqual(program);
      expect(printProgram(back)).toBe(printed);
    }
  });

  it.each([
    ['dataflow 1', 'dataflow 2', 1, /version 2/u],
    ['ap_fixed<8,4> *', 'ap_fixed<8,4,AP_RND,AP_SAT> *', 2, /not of the form/u],
    ['k0 = kernel', 'k1 = kernel', 3, /'k1' where k0/u],
    ['  [in.1]', '  [in.2]', 10, /no in\.2, only 2 values/u],
    ['  [in.1]', '  [in.1, in.1]', 10, /2 operands for 1 inputs/u],
    ['  [in.1]', '  [x.1]', 10, /not of the form in\.3/u],
    ['  [i0.3]', '  [i1.0]', 12, /instance 1 does not come before/u],
    ['  [i0.3]', '  [i0.4]', 12, /no i0\.4, only 4 values/u],
    ['  [i0.3]', '  [i0.0]', 12, /leaves input 0/u],
    ['  [i0.3]', '', 13, /no positions/u],
    ['instance k0 "again"', 'instance k1 "again"', 11, /no kernel 1/u],
    ['> * 3', '> * 2', 13, /2 types for 3 elements/u],
    ['fixed<10,6> * 3', 'ufixed<10,6> * 3', 13, /does not hold/u],
  ] as const)('refuses %j for %j', (good, bad, line, message) => {
    expect(text).toContain(good);
    const broken = text.replace(good, bad);
    expect(() => parseProgram(broken)).toThrow(TextSyntaxError);
    expect(() => parseProgram(broken)).toThrow(message);
    expect(() => parseProgram(broken)).toThrow(`line ${line}`);
  });
});
