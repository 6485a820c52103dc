import { NameTable } from '../../support/legal-names.js';
import type { Design } from '../../design/design.js';
import type { DesignModules } from './modules.js';
import { designModules, reservedPortNames } from './design-modules.js';

export interface NetlistProvenance {
  /** Any text. */
  readonly model: string;
  /** Hexadecimal, or `none`. */
  readonly modelHash: string;
  readonly configHash: string;
  /** Of the compiler. */
  readonly version: string;
}

/** Design to netlist with fresh names: the same design always gives the same names. */
export function buildNetlist(design: Design, provenance: NetlistProvenance): DesignModules {
  const names = new NameTable([...reservedPortNames, design.name]);
  return designModules(
    design,
    names,
    [`top module of ${provenance.model}`],
    [
      { name: 'MODEL_SHA256', value: provenance.modelHash },
      { name: 'CONFIG_SHA256', value: provenance.configHash },
      { name: 'TRIGC_VERSION', value: provenance.version },
    ],
  );
}
