import { invariant } from '../../support/invariant.js';

/** Where IPBB looks for a component's sources and its dependency files. */
export const IPBB_SOURCES = 'firmware/hdl';
export const IPBB_CONFIGURATION = 'firmware/cfg';

/**
 * A dependency file of the IPbus builder (github.com/ipbus/ipbb): one `src` line per file, named from `firmware/hdl` of
 * the component, comments after `#`. Another component takes it in with `include -c PACKAGE:COMPONENT NAME.dep`.
 */
export function printDependencies(header: string, files: readonly string[]): string {
  for (const file of files) invariant(/^[A-Za-z0-9_]+\.vhd$/u.test(file), `'${file}' is not the name of a source file`);
  return `${header}\n\n${files.map((file) => `src --vhdl2008 ${file}\n`).join('')}`;
}
