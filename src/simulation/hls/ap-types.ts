import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProcess } from '../../system/process.js';

/** The vendor's headers of `ap_fixed`: where they are, and who said so. */
export interface ApTypes {
  readonly folder: string;
  readonly origin: string;
}

/** Asks without importing: hls4ml itself takes seconds to load. */
const FIND_HLS4ML =
  "import importlib.util as u; s = u.find_spec('hls4ml'); print(s.submodule_search_locations[0] if s else '')";
/** Where hls4ml keeps the headers in its package. */
const IN_HLS4ML = ['templates', 'vivado', 'ap_types'] as const;
const PYTHON_TIMEOUT = 60_000;

/**
 * The folder that holds ap_fixed.h: the one given, that of an installed Vitis HLS (`XILINX_HLS`), or that of an
 * installed hls4ml, whose package carries the open headers. A folder that was named and does not hold them is not
 * replaced by another.
 */
export async function findApTypes(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ApTypes | { readonly reason: string }> {
  if (given !== undefined) {
    return holds(given) ? { folder: given, origin: '--ap-types' } : { reason: 'the folder given has no ap_fixed.h' };
  }
  const tool = environment['XILINX_HLS'];
  if (tool !== undefined && tool !== '') {
    const folder = join(tool, 'include');
    return holds(folder) ? { folder, origin: 'XILINX_HLS' } : { reason: 'XILINX_HLS/include has no ap_fixed.h' };
  }
  const found = await runProcess('python3', ['-c', FIND_HLS4ML], { timeout: PYTHON_TIMEOUT }).catch(() => undefined);
  const place = found?.code === 0 ? found.stdout.trim() : '';
  const folder = place === '' ? '' : join(place, ...IN_HLS4ML);
  if (folder !== '' && holds(folder)) return { folder, origin: `hls4ml in ${dirname(place)}` };
  return { reason: 'XILINX_HLS is not set, and python3 has no hls4ml' };
}

function holds(folder: string): boolean {
  return existsSync(join(folder, 'ap_fixed.h'));
}
