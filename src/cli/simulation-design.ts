import { parseQuantizer } from '../numeric/fixed-point.js';
import { RESET, VALID_IN, VALID_OUT } from '../lowering/rtl/design-modules.js';
import type { ManifestPort } from '../report/manifest.js';
import type { SimulationDesign, SimulationPort } from '../simulation/engine.js';
import type { WiredElement } from '../simulation/verify-design.js';
import type { CompiledFolder } from './compiled-folder.js';
import { readFolderFile } from './compiled-folder.js';

/** The elements of the manifest's ports with their types, flattened in graph order. */
export function wiredElements(ports: readonly ManifestPort[]): readonly WiredElement[] {
  return ports.flatMap(({ name, elements }) =>
    elements.map(({ port, low, type }, element) => ({
      tensor: name,
      element,
      port,
      low,
      type: parseQuantizer(type).type,
    })),
  );
}

function ports(list: readonly ManifestPort[], direction: 'input' | 'output'): readonly SimulationPort[] {
  const widths = new Map<string, number>();
  for (const { port, low, type } of wiredElements(list)) {
    widths.set(port, Math.max(widths.get(port) ?? 0, low + type.width));
  }
  return [...widths].map(([name, width]) => ({ name, direction, width }));
}

/** What an engine needs to run the emitted Verilog of a folder, from the files as they are now. */
export function simulationDesign(compiled: CompiledFolder): SimulationDesign {
  const { manifest, folder } = compiled;
  const { valid } = manifest.interface;
  const sources = manifest.files
    .filter(({ path }) => path.startsWith('rtl/') && path.endsWith('.v'))
    .map(({ path }) => ({ name: path.slice('rtl/'.length), text: readFolderFile(folder, path) }));
  return {
    top: manifest.top,
    sources,
    // Not from the latency: that is a claim to be checked.
    ...(manifest.clock.port === null ? {} : { clock: manifest.clock.port }),
    ...(valid ? { reset: RESET, validIn: VALID_IN, validOut: VALID_OUT } : {}),
    ports: [...ports(manifest.inputs, 'input'), ...ports(manifest.outputs, 'output')],
  };
}
