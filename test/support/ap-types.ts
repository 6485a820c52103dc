import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const environment = resolve('build/python/hls/lib');

/**
 * The folder of the vendor's open headers of `ap_fixed`: `TRIGC_AP_TYPES`, that of Vitis HLS, or that of the environment
 * which `scripts/make-python.sh hls` makes. Undefined where there is none.
 */
export const apTypesFolder = candidates().find((folder) => existsSync(join(folder, 'ap_fixed.h')));

function candidates(): readonly string[] {
  const versions = existsSync(environment) ? readdirSync(environment) : [];
  return [
    process.env['TRIGC_AP_TYPES'] ?? '',
    join(process.env['XILINX_HLS'] ?? '/nowhere', 'include'),
    ...versions.map((version) => join(environment, version, 'site-packages/hls4ml/templates/vivado/ap_types')),
  ];
}

/** Why tests of C simulation are skipped. */
export const apTypesAbsent = 'skipped where there are no headers of ap_fixed: scripts/make-python.sh hls';
