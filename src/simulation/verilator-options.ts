import { WRAPPER_MODULE } from './native/wrapper.js';
import { OUTPUT_FOLDER } from './verilator-wasm/translate.js';

/** Prefix of the C++ that Verilator generates. */
export const MODEL_PREFIX = 'VDesign';
/** Verilator's options for a wrapped design; the names of the source files follow. */
export const TRANSLATE_OPTIONS: readonly string[] = [
  '--cc',
  '-O3',
  // Unknowns take a value per instance, so that instances that disagree betray them.
  ...['--x-assign', 'unique', '--x-initial', 'unique'],
  '--noassert',
  ...['--default-language', '1364-2005'],
  // Warnings do not stop it, and style remarks on generated text are noise. Port widths are checked by the engine.
  ...['-Wno-fatal', '-Wno-DECLFILENAME', '-Wno-UNOPTFLAT'],
  // Optimising compilers take more than linear time for one function; shorter ones keep more in memory.
  ...['--output-split-cfuncs', '1000', '--output-split', '4000'],
  ...['--top-module', WRAPPER_MODULE, '--prefix', MODEL_PREFIX, '--Mdir', OUTPUT_FOLDER],
];
