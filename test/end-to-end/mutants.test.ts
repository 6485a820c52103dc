import { describe, expect, it } from 'vitest';
import { compileEmulator } from '../../src/backends/emulator/emulator.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import type { DesignModules } from '../../src/lowering/rtl/modules.js';
import type { RtlPortMap } from '../../src/lowering/rtl/port-layout.js';
import { RESET, VALID_IN, VALID_OUT } from '../../src/lowering/rtl/port-names.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import { modelPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { inputColumns } from '../../src/report/manifest.js';
import type { SimulationPort } from '../../src/simulation/engine.js';
import { drawVectors } from '../../src/simulation/vectors.js';
import type { VerifyRequest } from '../../src/simulation/verify-design.js';
import type { WiredElement } from '../../src/simulation/wired-codes.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import type { Mutant } from '../support/mutants.js';
import { mutantsOf } from '../support/mutants.js';
import { provenEquivalent, verifyMutants } from '../support/mutant-run.js';
import { randomMlp } from '../support/random-mlp.js';
import { buildDesign } from '../support/verilog-bundle.js';

/** Proof that verification is sharp: single faults in the netlist of seeded networks, all of them caught. */

const full = process.env['TRIGC_TEST_TIER'] === 'full';
/** Seeds of networks, the mutants taken of each, and the vectors that `verify` draws by default. */
const FIRST_SEED = 41;
const NETWORKS = full ? 12 : 2;
const MUTANTS = full ? 120 : 60;
const VECTORS = 1000;
/** Some faults show on a few of ten thousand inputs only: vectors that have to reach those that the default does not. */
const MANY_VECTORS = 40_000;
/** Part of all faults that the default may miss. */
const MISSED = 0.01;

interface Subject {
  readonly request: VerifyRequest;
  readonly modules: DesignModules['modules'];
  /** So many vectors, and what the emulator makes of them. */
  readonly draw: (count: number) => Pick<VerifyRequest, 'stimulus' | 'expected'>;
}

function subject(seed: number): Subject {
  const graph = randomMlp(new Random(seed), { layers: [4, 3, 2], widths: 'narrow', score: false, name: `net_${seed}` });
  const final = unwrap(runPipeline(graph, modelPipeline, {}));
  const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
  const program = unwrap(dataflowPipeline(lowerModel(final), {}, { verify: verifyProgram }, solving));
  const { design, modules } = buildDesign(program, { name: `net_${seed}`, valid: true, registers: 'both', latency: 4 });
  const columns = inputColumns(final);
  const emulator = compileEmulator(final);
  const draw = (count: number): Pick<VerifyRequest, 'stimulus' | 'expected'> => {
    const stimulus = drawVectors(columns, count, 1).matrix;
    return { stimulus, expected: emulator.run(stimulus).output };
  };
  const wired = (ports: readonly RtlPortMap[]): readonly WiredElement[] =>
    ports.flatMap(({ name, elements }) =>
      elements.map((element, index) => ({ tensor: name, element: index, ...element })),
    );
  const ports = (maps: readonly RtlPortMap[], direction: 'input' | 'output'): readonly SimulationPort[] => {
    const widths = new Map<string, number>();
    for (const { port, low, type } of maps.flatMap(({ elements }) => elements)) {
      widths.set(port, Math.max(widths.get(port) ?? 0, low + type.width));
    }
    return [...widths].map(([name, width]) => ({ name, direction, width }));
  };
  return {
    modules: modules.modules,
    draw,
    request: {
      ...draw(VECTORS),
      design: {
        top: design.name,
        sources: [{ name: 'unused.v', text: '' }],
        clock: 'clk',
        reset: RESET,
        validIn: VALID_IN,
        validOut: VALID_OUT,
        ports: [...ports(modules.inputs, 'input'), ...ports(modules.outputs, 'output')],
      },
      inputs: wired(modules.inputs),
      outputs: wired(modules.outputs),
      latency: design.schedule.latency,
    },
  };
}

/** Some of all mutants, every kind of fault in turn. */
function choose(all: readonly Mutant[], count: number, random: Random): readonly Mutant[] {
  const kinds = new Map<string, Mutant[]>();
  for (const mutant of all) kinds.set(mutant.fault, [...(kinds.get(mutant.fault) ?? []), mutant]);
  const chosen: Mutant[] = [];
  while (chosen.length < Math.min(count, all.length)) {
    for (const mutants of kinds.values()) {
      if (mutants.length === 0 || chosen.length >= count) continue;
      const [taken] = mutants.splice(random.integer(0, mutants.length - 1), 1);
      if (taken !== undefined) chosen.push(taken);
    }
  }
  return chosen;
}

let [caught, missed] = [0, 0];
const kindsSeen = new Set<string>();

describe('single faults in the netlist', () => {
  it.each(Array.from({ length: NETWORKS }, (_, index) => FIRST_SEED + index))(
    'of network %i are caught, or proven to be none',
    async (seed) => {
      const { request, modules, draw } = subject(seed);
      const none: Mutant = { fault: 'none', where: '', module: at(modules, 0) };
      const mutants = [none, ...choose(modules.flatMap(mutantsOf), MUTANTS, new Random(seed))];
      const passing = async (vectors: VerifyRequest, tried: readonly Mutant[]): Promise<readonly boolean[]> => {
        const results = await verifyMutants(vectors, modules, tried);
        return results.map(
          ({ mismatches, validErrors, measuredLatency }) =>
            mismatches === 0 && validErrors === 0 && (measuredLatency ?? request.latency) === request.latency,
        );
      };
      const passes = await passing(request, mutants);
      // The design itself is right, or the rest would mean nothing.
      expect(passes[0]).toBe(true);
      const survivors = mutants.filter((_, index) => index > 0 && passes[index] === true);
      const proven = await provenEquivalent(modules, survivors, request.latency + 2);
      expect(proven).toHaveLength(survivors.length);
      const kinds = new Set(mutants.slice(1).map(({ fault }) => fault));
      const late = survivors.filter((_, index) => proven[index] !== true);
      console.log(
        `network ${seed}: ${mutants.length - 1} faults of ${kinds.size} kinds, ` +
          `${mutants.length - 1 - survivors.length} caught, ${survivors.length - late.length} proven to change nothing, ` +
          `${late.length} for ${MANY_VECTORS} vectors`,
      );
      const passed = late.length === 0 ? [] : await passing({ ...request, ...draw(MANY_VECTORS) }, late);
      const never = late.filter((_, index) => passed[index] === true);
      expect(never.map(({ fault, where }) => `${fault} in ${where}`)).toEqual([]);
      missed += late.length;
      caught += mutants.length - 1 - survivors.length;
      for (const kind of kinds) kindsSeen.add(kind);
    },
    300_000,
  );

  it('were many, and of many kinds', () => {
    expect(caught).toBeGreaterThanOrEqual(30);
    expect(missed).toBeLessThanOrEqual(MISSED * caught);
    expect(kindsSeen.size).toBeGreaterThanOrEqual(12);
    for (const kind of ['operator', 'missing register', 'extra register', 'dropped reset', 'valid tied high']) {
      expect(kindsSeen).toContain(kind);
    }
  });
});
