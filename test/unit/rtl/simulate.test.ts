import { describe, expect, it } from 'vitest';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import type { RtlExpression } from '../../../src/rtl/expression.js';
import { literal, resize, signalOf } from '../../../src/rtl/expression.js';
import type { RtlModule } from '../../../src/rtl/module.js';
import { NetlistSimulation } from '../../../src/rtl/simulate.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { modelPipeline } from '../../../src/passes/model/pipelines.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { randomInputs, randomModel } from '../../support/random-model.js';
import { buildDesign, portPatterns, variedChoices } from '../../support/verilog-bundle.js';

const x = { name: 'x', width: 4, signed: true };
const outputPort = (name: string, width: number) => ({ name, width, signed: false, direction: 'output' as const });

/** A module whose output `y` is an expression of the signed input `x`. */
function wired(value: RtlExpression): RtlModule {
  return {
    name: 'top',
    comments: [],
    parameters: [],
    ports: [{ ...x, direction: 'input' }, outputPort('y', value.width)],
    items: [{ kind: 'assign', target: 'y', value }],
  };
}

describe('a netlist in TypeScript', () => {
  it('extends by the sign of the operand, and compares as numbers', () => {
    const extended = new NetlistSimulation([wired(resize(signalOf(x), 8))], () => 0n);
    extended.drive('x', 0b1001n);
    expect(extended.read('y')).toBe(0b1111_1001n);
    const below: RtlExpression = {
      kind: 'compare',
      operator: '<',
      left: signalOf(x),
      right: resize(literal(-3n), 4),
      width: 1,
      signed: false,
    };
    const compared = new NetlistSimulation([wired(below)], () => 0n);
    for (const [pattern, result] of [
      [0b1100n, 1n],
      [0b1101n, 0n],
      [0b0111n, 0n],
    ] as const) {
      compared.drive('x', pattern);
      expect(compared.read('y')).toBe(result);
    }
  });

  it('starts registers with what it is told, and moves all of them at one edge', () => {
    const [a, b] = [
      { name: 'a', width: 4, signed: false },
      { name: 'b', width: 4, signed: false },
    ];
    const module: RtlModule = {
      name: 'top',
      comments: [],
      parameters: [],
      clock: 'clk',
      ports: [
        { ...x, direction: 'input' },
        { name: 'rst', width: 1, signed: false, direction: 'input' },
        outputPort('y', 4),
      ],
      items: [
        { kind: 'register', signal: a, next: 'x' },
        { kind: 'register', signal: b, next: 'a', reset: 'rst' },
        { kind: 'assign', target: 'y', value: signalOf(b) },
      ],
    };
    const simulation = new NetlistSimulation([module], ({ name }) => (name === 'b' ? 9n : 5n));
    expect(simulation.read('y')).toBe(9n);
    simulation.drive('x', 3n);
    simulation.clock();
    expect(simulation.read('y')).toBe(5n);
    simulation.clock();
    expect(simulation.read('y')).toBe(3n);
    simulation.drive('rst', 1n);
    simulation.clock();
    expect(simulation.read('y')).toBe(0n);
  });

  it('refuses a loop without a register, and a signal that is not there', () => {
    const y = { name: 'z', width: 1, signed: false };
    const loop: RtlModule = {
      ...wired(literal(0n)),
      items: [{ kind: 'wire', signal: y, value: { kind: 'invert', operand: signalOf(y), width: 1, signed: false } }],
    };
    expect(() => new NetlistSimulation([loop], () => 0n)).toThrow('a loop without a register through z');
    expect(() => new NetlistSimulation([wired(signalOf({ ...x, name: 'w' }))], () => 0n)).toThrow('no signal w');
  });

  it('gives the values of the Dataflow program, on 60 random designs with an event each clock', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(7000 + seed);
      const graph = randomModel(random, { name: `netlist_${seed}`, promises: 'none' });
      const program = lowerModel(unwrap(runPipeline(graph, modelPipeline, {})));
      const { design, modules } = buildDesign(program, {
        ...variedChoices(seed),
        name: `netlist_${seed}`,
        valid: false,
      });
      const simulation = new NetlistSimulation(modules.modules, ({ width }) => BigInt.asUintN(width, 0x5a5a5a5a5a5an));
      const events = randomInputs(random, graph, 12).map((event) => event.flat());
      const ports = (maps: typeof modules.inputs): string[] => [
        ...new Set(maps.flatMap(({ elements }) => elements.map(({ port }) => port))),
      ];
      const latency = design.schedule.latency;
      for (let clock = 0; clock < events.length + latency; clock++) {
        const patterns = portPatterns(modules.inputs, at(events, Math.min(clock, events.length - 1)));
        ports(modules.inputs).forEach((port, index) => {
          simulation.drive(port, at(patterns, index));
        });
        const due = events[clock - latency];
        if (due !== undefined) {
          const expected = portPatterns(modules.outputs, evaluateProgram(program, due).outputs);
          const seen = ports(modules.outputs).map((port) => simulation.read(port));
          expect(seen, `seed ${seed}, event ${clock - latency}`).toEqual(expected);
        }
        simulation.clock();
      }
    }
  });
});
