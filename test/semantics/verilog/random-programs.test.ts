import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import type { Kernel } from '../../../src/dataflow/kinds.js';
import type { Program } from '../../../src/dataflow/program.js';
import type { Interval } from '../../../src/numeric/interval.js';
import { point, union } from '../../../src/numeric/interval.js';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import { Random } from '../../../src/support/random.js';
import { randomCodes, randomProgram } from '../../support/random-kernel.js';
import type { BundleMember } from '../../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../../support/verilog-bundle.js';

const icarusMissing = await SIMULATION_ENGINES.icarus.unavailable();
const ghdlMissing = await SIMULATION_ENGINES.ghdl.unavailable();

interface Drawn {
  readonly program: Program;
  readonly events: readonly (readonly bigint[])[];
}

function draw(seed: number, count: number): Drawn[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const program = randomProgram(random, `random ${index}`, ['assume']);
    return { program, events: Array.from({ length: 48 }, () => randomCodes(random, program)) };
  });
}

function members(drawn: readonly Drawn[]): BundleMember[] {
  return drawn.map(({ program, events }, index) => ({ ...buildDesign(program, variedChoices(index)), events }));
}

/** The program with the range of every node but the operands cut down to what it takes in these events. */
function refined({ program, events }: Drawn): Drawn {
  const ranges = program.kernels.map(({ nodes }) => nodes.map((): Interval | undefined => undefined));
  for (const event of events) {
    const { nodes } = evaluateProgram(program, event);
    program.instances.forEach(({ kernel }, instance) => {
      const own = ranges[kernel] ?? [];
      for (const values of nodes[instance] ?? []) {
        values.forEach((value, id) => {
          const known = own[id];
          own[id] = known === undefined ? point(value) : union(known, point(value));
        });
      }
    });
  }
  const kernels = program.kernels.map((kernel, index): Kernel => {
    const nodes = kernel.nodes.map((node) =>
      node.kind === 'input' ? node : { ...node, range: ranges[index]?.[node.id] ?? node.range },
    );
    return { ...kernel, nodes };
  });
  return { program: { ...program, kernels }, events };
}

describe('random programs of every operation', () => {
  it('compute in simulated Verilog what the semantics say, in the scheduled clock', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members(draw(1, 80)))).toEqual([]);
  });

  it('compute it in words as narrow as a pass may prove them to be', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.yosys, members(draw(3, 40).map(refined)))).toEqual([]);
  });

  it.skipIf(icarusMissing !== undefined)('compute the same in Icarus Verilog', async () => {
    expect(await simulateBundle(SIMULATION_ENGINES.icarus, members(draw(2, 40)))).toEqual([]);
  });

  it.skipIf(ghdlMissing !== undefined)('compute the same in GHDL, printed as VHDL', async () => {
    const drawn = draw(4, 60).map((program, index) => (index % 3 === 0 ? refined(program) : program));
    expect(await simulateBundle(SIMULATION_ENGINES.ghdl, members(drawn))).toEqual([]);
  });
});
