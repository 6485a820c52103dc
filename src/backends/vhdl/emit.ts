import { invariant } from '../../support/invariant.js';
import type { DesignModules } from '../../lowering/rtl/modules.js';
import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import type { EmittedFile, HardwareOptions } from '../verilog/emit.js';
import { emitVivado, fileHeader, testbenchOptions } from '../verilog/emit.js';
import { IPBB_CONFIGURATION, IPBB_SOURCES, printDependencies } from './ipbb.js';
import { printModules } from './print-module.js';
import { printPackage } from './print-package.js';
import { VHDL_TESTBENCH_TEMPLATE, vhdlTestbenchView } from './testbench.js';

export interface VhdlOptions extends HardwareOptions {
  /** `ipbb`: laid out as a component of the IPbus builder, with its dependency file. */
  readonly packaging: 'none' | 'ipbb';
  /** Whether Vivado is to read these files, because there is no Verilog beside them. */
  readonly vivado: boolean;
}

/**
 * All files of the VHDL back end, sources in the order in which they are analysed: the package of constants, the modules
 * with the top one last, `files.f` with their paths, and the testbench. The vectors are those of the Verilog testbench.
 */
export function emitVhdl(modules: DesignModules, options: VhdlOptions, context: EmitContext): readonly EmittedFile[] {
  const [top] = modules.modules;
  invariant(top !== undefined, 'a design has a top module');
  const folder = options.packaging === 'ipbb' ? IPBB_SOURCES : 'vhdl';
  const header = fileHeader('--', options.provenance);
  const packageName = freePackageName(modules);
  const sources = [
    { name: packageName, text: printPackage(packageName, top, [...modules.inputs, ...modules.outputs]) },
    ...printModules(modules.modules).map(({ module, text }) => ({ name: module.name, text })),
  ].map(({ name, text }) => ({ file: `${name}.vhd`, text: `${header}\n\n${text}` }));
  const names = sources.map(({ file }) => file);
  const testbench = { ...testbenchOptions(modules, options, '--', 'vhd'), folder };
  const template = context.template(VHDL_TESTBENCH_TEMPLATE);
  const dependencies =
    options.packaging === 'ipbb'
      ? [
          {
            path: `${IPBB_CONFIGURATION}/${top.name}.dep`,
            text: printDependencies(fileHeader('#', options.provenance), names),
          },
        ]
      : [];
  const vivado = { folder, command: 'read_vhdl -vhdl2008', names };
  return [
    ...sources.map(({ file, text }) => ({ path: `${folder}/${file}`, text })),
    { path: `${folder}/files.f`, text: names.map((file) => `${folder}/${file}\n`).join('') },
    ...dependencies,
    { path: testbench.file, text: renderTemplate(template, vhdlTestbenchView(testbench)) },
    ...(options.vivado ? emitVivado(top, options, vivado, context) : []),
  ];
}

/** `<top>_pkg`, longer where a kernel is called that. */
function freePackageName({ modules }: DesignModules): string {
  const taken = new Set(modules.map((module) => module.name.toLowerCase()));
  let name = `${modules[0]?.name ?? ''}_pkg`;
  while (taken.has(name.toLowerCase())) name += '_pkg';
  return name;
}
