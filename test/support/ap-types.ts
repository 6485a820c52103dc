import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Include folder of the vendor's open headers: TRIGC_AP_TYPES, or the one of Vitis HLS; undefined where there is none. */
export const apTypesFolder = [process.env['TRIGC_AP_TYPES'], join(process.env['XILINX_HLS'] ?? '/nowhere', 'include')]
  .filter((folder) => folder !== undefined)
  .find((folder) => existsSync(join(folder, 'ap_fixed.h')));
