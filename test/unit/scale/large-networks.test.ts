import { describe, expect, it } from 'vitest';
import { printModule } from '../../../src/backends/verilog/print-module.js';
import type { Compilation } from '../../../src/compiler.js';
import { compile } from '../../../src/compiler.js';
import { emptyConfig } from '../../../src/config/config.js';
import { resolveSettings } from '../../../src/config/settings.js';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import type { Program } from '../../../src/dataflow/program.js';
import { verifyProgram } from '../../../src/dataflow/verify.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { scheduleProgram } from '../../../src/lowering/schedule/schedule-program.js';
import { buildNetlist } from '../../../src/lowering/rtl/netlist.js';
import { evaluateModel } from '../../../src/model/evaluate.js';
import { undeclared } from '../../../src/passes/model/assign-types.js';
import { defaultSolveOptions } from '../../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../../src/passes/dataflow/pipelines.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import { QonnxBuilder } from '../../support/small-model.js';

/**
 * `depth` element-wise steps over `width` elements of 12 bits, too many for a table: multiply by and add constants, round
 * and saturate. The factors are beyond 1, so that every step can reach all codes and none is simplified away.
 */
function chain(width: number, depth: number): Uint8Array {
  const random = new Random(1);
  const values = (draw: () => number): readonly number[] => Array.from({ length: width }, draw);
  const model = new QonnxBuilder().input('x', ['N', width]).quant('x', 'h0', { lsb: -3, bits: 12 });
  for (let step = 1; step <= depth; step++) {
    model
      .initializer(
        `f${step}`,
        [width],
        values(() => random.pick([-1.75, -1.25, 1.25, 1.75])),
      )
      .quant(`f${step}`, `fq${step}`, { lsb: -2, bits: 4 })
      .initializer(
        `c${step}`,
        [width],
        values(() => random.integer(-63, 63) / 16),
      )
      .quant(`c${step}`, `cq${step}`, { lsb: -4, bits: 8 })
      .node('Mul', [`h${step - 1}`, `fq${step}`], [`p${step}`])
      .node('Add', [`p${step}`, `cq${step}`], [`a${step}`])
      .quant(`a${step}`, `h${step}`, { lsb: -3, bits: 12 });
  }
  return model.output(`h${depth}`, ['N', width]).bytes();
}

const settings = unwrap(resolveSettings(emptyConfig, { latency: 20 }, 'top'));
const schedule = { ...settings, model: settings.part.delays };
const ports = { ports: settings.ports, registers: settings.registers, valid: settings.valid };
/** The search spends as much on each matrix as its effort says, whatever the number of nodes. */
const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
const provenance = { model: 'top', modelHash: 'none', configHash: 'none', version: '0' };

function compiled(bytes: Uint8Array): Compilation {
  const importing = { modelName: 'top', modelPath: 'top.onnx' };
  return unwrap(
    compile({
      bytes,
      importing,
      typing: undeclared(emptyConfig.default),
      solving,
      schedule,
      interface: ports,
      top: 'top',
    }),
  );
}

function nodeCount(program: Program): number {
  return program.kernels.reduce((sum, kernel) => sum + kernel.nodes.length, 0);
}

/** The program with its lists of nodes watched: how often an element of any of them is read while `work` runs. */
function readsOfNodes(program: Program, work: (program: Program) => void): number {
  let reads = 0;
  const kernels = program.kernels.map((kernel) => {
    const nodes = new Proxy(kernel.nodes, {
      get: (list, key, receiver): unknown => {
        if (typeof key === 'string' && /^\d+$/u.test(key)) reads++;
        return Reflect.get(list, key, receiver);
      },
    });
    return { ...kernel, nodes };
  });
  work({ ...program, kernels });
  return reads;
}

/** Programs by depth: each of the passes is watched on the same ones. */
const programs = new Map<number, Program>();

function programOf(depth: number): Program {
  const program = programs.get(depth) ?? compiled(chain(4, depth)).design.program;
  programs.set(depth, program);
  return program;
}

/** Reads of each node in a program with four times the nodes, relative to the smaller program: 1 for linear work. */
function growth(work: (program: Program) => void, depths = [25, 100]): number {
  const readsPerNode = depths.map((depth) => {
    const program = programOf(depth);
    return readsOfNodes(program, work) / nodeCount(program);
  });
  expect(at(readsPerNode, 0)).toBeGreaterThanOrEqual(1);
  return at(readsPerNode, 1) / at(readsPerNode, 0);
}

describe('large networks', () => {
  it('come through with 100,000 nodes, and compute what the model says', () => {
    const compilation = compiled(chain(20, 500));
    const { design, graph } = compilation;
    expect(nodeCount(design.program)).toBeGreaterThan(100_000);
    const { modules } = buildNetlist(design, provenance);
    const text = modules.map(printModule).join('\n');
    expect(text.split('\n').length).toBeGreaterThan(90_000);
    const random = new Random(2);
    const event = Array.from({ length: 20 }, () => BigInt(random.integer(-128, 127)));
    const expected = evaluateModel(graph, [event]).outputs.flat();
    expect(evaluateProgram(design.program, event).outputs).toEqual(expected);
  });

  it.each<[string, (program: Program) => void]>([
    ['verification', verifyProgram],
    ['the Dataflow passes', (program) => void unwrap(dataflowPipeline(program, {}, {}, solving))],
    ['scheduling', (program) => void unwrap(scheduleProgram(program, schedule))],
    ['scheduling with a free latency', (program) => void unwrap(scheduleProgram(program, freeLatency))],
    ['the netlist and its text', netlistText],
  ])('%s reads each node a bounded number of times', (_, work) => {
    expect(growth(work)).toBeLessThan(1.25);
  });

  it('a quadratic pass would be seen', () => {
    const quadratic = (program: Program): void => {
      for (const { nodes } of program.kernels) nodes.forEach(() => nodes.indexOf(at(nodes, nodes.length - 1)));
    };
    expect(growth(quadratic, [5, 20])).toBeGreaterThan(3);
  });
});

const { latency: _, ...freeLatency } = schedule;

function netlistText(program: Program): void {
  const timing = unwrap(scheduleProgram(program, schedule)).schedule;
  const design = { name: 'top', program, schedule: timing, interface: ports, initiationInterval: 1 as const };
  for (const module of buildNetlist(design, provenance).modules) printModule(module);
}
