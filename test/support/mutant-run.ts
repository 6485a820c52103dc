import { runYosys } from '@yowasp/yosys';
import { printModule } from '../../src/backends/verilog/print-module.js';
import { RESET, VALID_IN, VALID_OUT } from '../../src/lowering/rtl/port-names.js';
import type { RtlModule, RtlPort } from '../../src/rtl/module.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import type { SimulationDesign } from '../../src/simulation/engine.js';
import type { PackedTrace } from '../../src/simulation/packed.js';
import { packedLayout, VALID_OUT_BIT } from '../../src/simulation/packed.js';
import { packedSimulation } from '../../src/simulation/packed-adapter.js';
import type { VerifyRequest, VerifyResult } from '../../src/simulation/verify-design.js';
import { judge, planFor } from '../../src/simulation/verify-design.js';
import { at } from '../../src/support/invariant.js';
import type { Mutant } from './mutants.js';

/** The modules that differ from the design's, renamed: the one with the fault, and the top module. */
function copies(modules: readonly RtlModule[], mutant: Mutant, suffix: string): readonly RtlModule[] {
  const { module } = mutant;
  const top = at(modules, 0);
  const renamed = { ...module, name: `${module.name}${suffix}` };
  if (module.name === top.name) return [renamed];
  const items = top.items.map((item) =>
    item.kind === 'instance' && item.module === module.name ? { ...item, module: renamed.name } : item,
  );
  return [{ ...top, name: `${top.name}${suffix}`, items }, renamed];
}

const isShared = ({ name, direction }: RtlPort): boolean => direction === 'input' || name === 'clk';

/** Every mutant beside the others in one module, on the same inputs: the text, and the names of each one's outputs. */
function bench(modules: readonly RtlModule[], mutants: readonly Mutant[]): string {
  const top = at(modules, 0);
  const clock = top.clock === undefined ? [] : ['clk'];
  const suffixes = mutants.map((_, index) => `_m${index}`);
  const copied = mutants.flatMap((mutant, index) => copies(modules, mutant, at(suffixes, index)));
  const shared = top.ports.filter(isShared);
  const own = top.ports.filter((port) => !isShared(port));
  const declared = [
    ...clock.map((name) => `input wire ${name}`),
    ...shared.map(({ name, width }) => `input wire [${width - 1}:0] ${name}`),
    ...suffixes.flatMap((suffix) => own.map(({ name, width }) => `output wire [${width - 1}:0] ${name}${suffix}`)),
  ];
  const instances = suffixes.map((suffix) => {
    const connections = [
      ...[...clock, ...shared.map(({ name }) => name)].map((name) => `.${name}(${name})`),
      ...own.map(({ name }) => `.${name}(${name}${suffix})`),
    ];
    return `  ${top.name}${suffix} u${suffix} (${connections.join(', ')});`;
  });
  return [
    ...[...modules, ...copied].map(printModule),
    `module bench (\n  ${declared.join(',\n  ')}\n);`,
    ...instances,
    'endmodule\n',
  ].join('\n\n');
}

/** What `verify` says about each mutant, all simulated together. Unknown bits are not told apart in such a run. */
export async function verifyMutants(
  request: VerifyRequest,
  modules: readonly RtlModule[],
  mutants: readonly Mutant[],
): Promise<readonly Omit<VerifyResult, 'warnings'>[]> {
  const { design } = request;
  const outputs = design.ports.filter(({ direction }) => direction === 'output');
  const validOut = design.validOut === undefined ? [] : [{ name: VALID_OUT, direction: 'output' as const, width: 1 }];
  const together: SimulationDesign = {
    top: 'bench',
    sources: [{ name: 'bench.v', text: bench(modules, mutants) }],
    ...(design.clock === undefined ? {} : { clock: design.clock }),
    ...(design.reset === undefined ? {} : { reset: RESET }),
    ...(design.validIn === undefined ? {} : { validIn: VALID_IN }),
    ports: [
      ...design.ports.filter(({ direction }) => direction === 'input'),
      ...mutants.flatMap((_, index) =>
        [...outputs, ...validOut].map((port) => ({ ...port, name: `${port.name}_m${index}` })),
      ),
    ],
  };
  const plan = planFor(request);
  const prepared = await SIMULATION_ENGINES.yosys.prepare(together);
  try {
    const { simulation } = packedSimulation(prepared, together);
    const trace = await simulation.run(plan.stimulus);
    const layout = packedLayout(design);
    const whole = packedLayout(together);
    const cycles = trace.unknown.length;
    return mutants.map((_, index) => {
      const rows = new Int32Array(cycles * layout.responseLimbs);
      const placeOf = (name: string): number =>
        whole.outputs.find(({ port }) => port.name === `${name}_m${index}`)?.limb ?? 0;
      const places = layout.outputs.map(({ port, limb, limbs }) => ({ limb, limbs, from: placeOf(port.name) }));
      const valid = placeOf(VALID_OUT);
      for (let cycle = 0; cycle < cycles; cycle++) {
        const [to, from] = [cycle * layout.responseLimbs, cycle * whole.responseLimbs];
        for (const place of places) {
          for (let limb = 0; limb < place.limbs; limb++) {
            rows[to + place.limb + limb] = trace.rows[from + place.from + limb] ?? 0;
          }
        }
        if (valid > 0 && trace.rows[from + valid] === 1) rows[to] = VALID_OUT_BIT;
      }
      const slice: PackedTrace = { rows, unknown: new Uint8Array(cycles) };
      return judge(request, plan, slice);
    });
  } finally {
    await prepared.close();
  }
}

/**
 * Which mutants are the same as the design, by Yosys' SAT solver: from any state, after as many clocks as there are
 * ranks, no inputs make an output differ. For a pipeline without feedback that is a complete proof.
 */
export async function provenEquivalent(
  modules: readonly RtlModule[],
  mutants: readonly Mutant[],
  ranks: number,
): Promise<readonly boolean[]> {
  if (mutants.length === 0) return [];
  const top = at(modules, 0);
  const clock = top.clock === undefined ? [] : ['clk'];
  const inputs = top.ports.filter(isShared);
  const outputs = top.ports.filter((port) => !isShared(port));
  const miters = mutants.map((_, index) => {
    const connect = (side: string): string =>
      [
        ...[...clock, ...inputs.map(({ name }) => name)].map((name) => `.${name}(${name})`),
        ...outputs.map(({ name }) => `.${name}(${side}_${name})`),
      ].join(', ');
    const ports = [
      ...clock.map((name) => `input wire ${name}`),
      ...inputs.map(({ name, width }) => `input wire [${width - 1}:0] ${name}`),
      'output wire differs',
    ];
    const wires = outputs.flatMap(({ name, width }) =>
      ['right', 'wrong'].map((side) => `wire [${width - 1}:0] ${side}_${name};`),
    );
    const differs = outputs.map(({ name }) => `(right_${name} != wrong_${name})`).join(' || ');
    return `module miter${index} (${ports.join(', ')});\n${wires.join('\n')}
${top.name} right (${connect('right')});\n${top.name}_m${index} wrong (${connect('wrong')});
assign differs = ${differs};\nendmodule`;
  });
  const proofs = mutants.map(
    (_, index) => `cd miter${index}; sat -seq ${ranks + 1} -prove-skip ${ranks} -prove differs 0; cd ..`,
  );
  let log = '';
  const decoder = new TextDecoder();
  const capture = (bytes: Uint8Array | null): void => {
    if (bytes !== null) log += decoder.decode(bytes, { stream: true });
  };
  const text = [bench(modules, mutants), ...miters].join('\n\n');
  const script = ['read_verilog all.v', 'proc', 'flatten', 'opt_clean', ...proofs].join('; ');
  await runYosys(['-p', script], { 'all.v': text }, { stdin: null, stdout: capture, stderr: capture });
  return [...log.matchAll(/SAT proof finished - (no )?model found: (?:SUCCESS|FAIL)/gu)].map(
    ([, none]) => none !== undefined,
  );
}
