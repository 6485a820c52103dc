import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../../src/backends/render-template.js';
import { formatVectors, TESTBENCH_TEMPLATE, testbenchView } from '../../../../src/backends/verilog/testbench.js';
import type { VivadoOptions } from '../../../../src/backends/verilog/vivado.js';
import {
  VIVADO_TCL_TEMPLATE,
  VIVADO_XDC_TEMPLATE,
  vivadoTclView,
  vivadoXdcView,
} from '../../../../src/backends/verilog/vivado.js';
import { loadTemplate } from '../../../../src/cli/template-loader.js';
import type { Program } from '../../../../src/dataflow/program.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { buildDesign } from '../../../support/verilog-bundle.js';
import { templateNames } from '../../../support/template-names.js';
import { emitFiles } from '../../../support/verilog-files.js';

const types = [fixedPointType(true, 3, 3), fixedPointType(false, 2, 1), fixedPointType(true, 6, 2)];
/** Ports alone: outputs are inputs, held for as long as the latency says. */
function wires(name: string): Program {
  return {
    name,
    inputs: [
      { name: 'a', types: types.slice(0, 2) },
      { name: 'b', types: types.slice(2) },
    ],
    kernels: [],
    instances: [],
    outputs: [{ name: 'y', types, elements: types.map((_, index) => ({ instance: -1, index })) }],
  };
}

const vivado: VivadoOptions = {
  header: '# header',
  top: 'top',
  file: 'vivado/ooc.tcl',
  constraints: 'top.xdc',
  sources: { folder: 'rtl', command: 'read_verilog', names: ['top.v'] },
  part: 'xcvu13p-flga2577-2-e',
  clock: 'clk',
  clockPeriod: 25 / 6,
  inputDelay: 0,
  outputDelay: 1.25,
  dsp: true,
};

describe('the templates of the Verilog back end', () => {
  const built = buildDesign(wires('ports'), { latency: 1, valid: true });
  const views = {
    [TESTBENCH_TEMPLATE]: testbenchView({
      header: '// header',
      top: 'top',
      name: 'top_tb',
      file: 'tb/top_tb.v',
      latency: 1,
      interval: 1,
      clock: 'clk',
      valid: true,
      inputs: built.modules.inputs,
      outputs: built.modules.outputs,
      promises: [],
    }),
    [VIVADO_TCL_TEMPLATE]: vivadoTclView(vivado),
    [VIVADO_XDC_TEMPLATE]: vivadoXdcView(vivado),
  };
  for (const [name, view] of Object.entries(views)) {
    it(`${name} asks for what its view has, and for all of it`, () => {
      expect([...templateNames(loadTemplate(name))].sort()).toEqual(Object.keys(view).sort());
    });
  }

  it('may hold names only', () => {
    expect(templateNames('{{a}} {{b}} {{a}}')).toEqual(['a', 'b']);
    expect(() => templateNames('{{#if a}}b{{/if}}')).toThrow(SyntaxError);
    expect(() => templateNames('{{> partial}}')).toThrow(SyntaxError);
    // Verilog's nested repetition is none: such text is made in TypeScript.
    expect(() => templateNames('{{8{a}}}')).toThrow();
  });

  it('print text as it is, and refuse a name without a value', () => {
    expect(renderTemplate('a {{x}} b', { x: '<>&"\'' })).toBe('a <>&"\' b');
    expect(() => renderTemplate('{{x}}', {})).toThrow(/"x" not defined/u);
  });
});

describe('emitVerilog', () => {
  it('lists the top module first, then what goes with it, each with its provenance', () => {
    const files = emitFiles(buildDesign(wires('ports'), { latency: 1 }), { part: 'xcvu13p-flga2577-2-e' });
    expect(files.map(({ path }) => path)).toEqual([
      'rtl/ports.v',
      'rtl/files.f',
      'tb/ports_tb.v',
      'vivado/ooc.tcl',
      'vivado/ports.xdc',
    ]);
    expect(files[1]?.text).toBe('rtl/ports.v\n');
    for (const { path, text } of files) {
      if (path === 'rtl/files.f') continue;
      const mark = path.endsWith('.v') ? '//' : '#';
      expect(text.split('\n').slice(0, 4)).toEqual([
        `${mark} Trigc 0.0.0`,
        `${mark} model model.onnx`,
        `${mark} model sha256 ab12`,
        `${mark} config sha256 cd34`,
      ]);
    }
  });

  it('gives a design without registers a virtual clock and one path', () => {
    const files = emitFiles(buildDesign(wires('ports'), { latency: 0 }));
    const constraints = files.at(-1)?.text ?? '';
    expect(constraints).toContain('create_clock -name virtual_clock -period 5.000\n');
    expect(constraints).toContain('set_max_delay 5.000 -from [all_inputs] -to [all_outputs]');
    expect(constraints).not.toContain('clk');
    expect(files.find(({ path }) => path.startsWith('tb/'))?.text).not.toMatch(/\bclk\b/u);
  });

  it('names the testbench so that no module is called the same', () => {
    const built = buildDesign(wires('ports'), { latency: 0 });
    const [top] = built.modules.modules;
    const other = { name: 'PORTS_TB', comments: [], parameters: [], ports: [], items: [] };
    const modules = { ...built.modules, modules: top === undefined ? [] : [top, other] };
    const paths = emitFiles({ ...built, modules }).map(({ path }) => path);
    expect(paths).toContain('tb/ports_tb_tb.v');
  });
});

describe('the Vivado files', () => {
  it('hold clock, delays and part of the target', () => {
    const constraints = renderTemplate(loadTemplate(VIVADO_XDC_TEMPLATE), vivadoXdcView(vivado));
    expect(constraints).toContain('create_clock -name clk -period 4.166 [get_ports clk]');
    expect(constraints).toContain('set_output_delay -clock clk 1.250 [get_ports -filter {DIRECTION == OUT}]');
    const script = renderTemplate(loadTemplate(VIVADO_TCL_TEMPLATE), vivadoTclView({ ...vivado, dsp: false }));
    expect(script).toContain('set part "xcvu13p-flga2577-2-e"');
    expect(script).toContain('synth_design -mode out_of_context -part $part -top top -max_dsp 0\n');
  });

  it('ask for a part where the target names none', () => {
    const { part, ...rest } = vivado;
    expect(part).toBeDefined();
    const script = renderTemplate(loadTemplate(VIVADO_TCL_TEMPLATE), vivadoTclView(rest));
    expect(script).toContain('set part ""');
    expect(script).toContain('add -tclargs part PART');
  });

  it('refuse foreign text where Tcl would read it', () => {
    expect(() => vivadoTclView({ ...vivado, part: 'x"; exec rm' })).toThrow(/part string/u);
    expect(() => vivadoTclView({ ...vivado, sources: { ...vivado.sources, names: ['a.v} ; exec'] } })).toThrow(
      /source file/u,
    );
  });
});

describe('formatVectors', () => {
  const { modules } = buildDesign(wires('ports'), { latency: 0, ports: 'elements' });

  it('packs elements in their own widths, the first lowest', () => {
    // 3 bits of -1, 2 bits of 2, 6 bits of -32: 100000 10 111.
    expect(formatVectors([[-1n, 2n, -32n]], modules.inputs)).toBe('417\n');
  });

  it('writes one line a vector, each in full', () => {
    expect(
      formatVectors(
        [
          [0n, 0n, 0n],
          [1n, 0n, 0n],
        ],
        modules.inputs,
      ),
    ).toBe('000\n001\n');
    expect(formatVectors([], modules.inputs)).toBe('');
  });

  it('refuses a row of another length', () => {
    expect(() => formatVectors([[0n]], modules.inputs)).toThrow(/1 codes for 3 elements/u);
  });
});
