import { parseQuantizer } from '../numeric/fixed-point.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import { II_VIOLATION, RESET, VALID_IN, VALID_OUT } from '../lowering/rtl/port-names.js';
import type { ManifestPort } from '../report/manifest.js';
import type { SimulationDesign, SimulationPort, SourceLanguage } from '../simulation/engine.js';
import type { WiredElement } from '../simulation/wired-codes.js';
import type { CompiledFolder } from './compiled-folder.js';
import { readFolderFile } from './compiled-folder.js';

/** The elements of the manifest's ports with their types, flattened in graph order. */
export function wiredElements(ports: readonly ManifestPort[]): readonly WiredElement[] {
  return ports.flatMap(({ name, elements }) =>
    elements.map(({ port, low, type, clock }, element) => ({
      tensor: name,
      element,
      port,
      low,
      type: parseQuantizer(type).type,
      ...(clock === undefined ? {} : { clock }),
    })),
  );
}

function ports(list: readonly ManifestPort[], direction: 'input' | 'output'): readonly SimulationPort[] {
  const found = new Map<string, { width: number; clocks: number }>();
  for (const { port, low, type, clock = 0 } of wiredElements(list)) {
    const known = found.get(port) ?? { width: 0, clocks: 1 };
    found.set(port, { width: Math.max(known.width, low + type.width), clocks: Math.max(known.clocks, clock + 1) });
  }
  return [...found].map(([name, { width, clocks }]) => ({
    name,
    direction,
    width,
    ...(clocks === 1 ? {} : { clocks }),
  }));
}

/** Paths of the design's own sources in one language, in the order of the manifest; testbenches are none of them. */
export function sourcePaths({ manifest }: CompiledFolder, language: SourceLanguage): readonly string[] {
  const paths = manifest.files.map(({ path }) => path);
  return language === 'vhdl'
    ? paths.filter((path) => path.endsWith('.vhd') && !path.startsWith('tb/'))
    : paths.filter((path) => path.startsWith('rtl/') && path.endsWith('.v'));
}

/**
 * What an engine needs to run the emitted Verilog or VHDL of a folder, from the files as they are now. Throws
 * DiagnosticError where the folder does not hold the language.
 */
export function simulationDesign(compiled: CompiledFolder, language: SourceLanguage = 'verilog'): SimulationDesign {
  const { manifest, folder } = compiled;
  const { valid } = manifest.interface;
  const reuses = manifest.initiationInterval > 1;
  const sources = sourcePaths(compiled, language).map((path) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    text: readFolderFile(folder, path),
  }));
  if (sources.length === 0) {
    const name = { verilog: 'Verilog', vhdl: 'VHDL' }[language];
    fail(commandCodes.languageMissing, `the engine reads ${name}, and the folder holds none`, {
      model: printable(folder),
    });
  }
  return {
    top: manifest.top,
    sources,
    // Not from the latency: that is a claim to be checked.
    ...(manifest.clock.port === null ? {} : { clock: manifest.clock.port }),
    ...(valid ? { reset: RESET, validIn: VALID_IN, validOut: VALID_OUT } : {}),
    ...(reuses ? { violation: II_VIOLATION } : {}),
    ports: [
      ...ports(manifest.inputs, 'input'),
      ...ports(manifest.outputs, 'output'),
      ...(reuses ? [{ name: II_VIOLATION, direction: 'output', width: 1 } as const] : []),
    ],
  };
}
