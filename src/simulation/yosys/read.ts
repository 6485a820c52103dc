import { createRequire } from 'node:module';
import { sourceFileNames } from '../check-design.js';
import type { SimulationDesign } from '../engine.js';
import { runProcess } from '../../system/process.js';
import { SimulationError } from '../simulation-error.js';
import { firmwareSimulationFile } from '../../system/temporary-folder.js';
import { parseNetlist, type Netlist } from './netlist.js';

const READ_TIMEOUT = 600_000;

/** A design as Yosys understood it, and what it warned about. */
export interface ReadDesign {
  readonly netlist: Netlist;
  readonly warnings: readonly string[];
}

/**
 * Reads the design's text with Yosys into a word-level netlist of the flattened top module. Nothing here rewrites
 * arithmetic: `proc` without its clean-up, no `opt_expr`, no `share`, no mapping, so that what is simulated is an
 * independent reading of the text. With `keepSignals`, nets that drive nothing stay observable.
 */
export async function readDesign(design: SimulationDesign, keepSignals: boolean): Promise<ReadDesign> {
  const files: Record<string, string> = {};
  const names = sourceFileNames(design);
  design.sources.forEach((source, index) => {
    files[names[index] ?? ''] = source.text;
  });
  const script = [
    // -noblackbox would hide a missing module; -check makes it an error.
    ...names.map((name) => `read_verilog ${name}`),
    `hierarchy -check -top ${design.top}`,
    'proc -noopt',
    'flatten',
    ...(keepSignals ? ['setattr -set keep 1 w:*'] : []),
    // Also resolves wires that merely rename constants, which memory_collect wants for initial contents.
    'opt_clean',
    'memory_collect',
    'opt_clean',
    'write_json -',
  ].join('; ');
  // -q keeps the log off standard output, which is the netlist's.
  const answer = await runChild({ arguments: ['-q', '-p', script], files, output: '-' });
  if (!answer.ok || answer.output === undefined) {
    const reason = /^.*\bERROR:.*$/m.exec(answer.log)?.[0] ?? answer.log.trim().split('\n').pop() ?? '';
    throw new SimulationError('yosys', `Yosys refused the design: ${reason.trim()}`, answer.log);
  }
  const warnings = [...new Set(answer.log.match(/^.*\bWarning: .*$/gm) ?? [])];
  return { netlist: parseNetlist(answer.output, design.top), warnings };
}

interface ChildRequest {
  readonly arguments: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly output: string;
}

interface ChildAnswer {
  readonly ok: boolean;
  readonly log: string;
  readonly output?: string;
}

async function runChild(request: ChildRequest): Promise<ChildAnswer> {
  const result = await runProcess(process.execPath, [firmwareSimulationFile('yosys-child.mjs')], {
    timeout: READ_TIMEOUT,
    input: JSON.stringify(request),
  });
  if (result.timedOut) {
    throw new SimulationError('yosys', `Yosys did not finish in ${String(READ_TIMEOUT / 1000)} s`, result.stderr);
  }
  try {
    return JSON.parse(result.stdout) as ChildAnswer;
  } catch {
    const ending = result.signal ?? `exit code ${String(result.code)}`;
    throw new SimulationError('yosys', `the Yosys process ended without an answer (${ending})`, result.stderr);
  }
}

/** The version of the installed Yosys package; throws when it is not installed. */
export function yosysPackageVersion(): string {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@yowasp/yosys');
  // The package exports no package.json; its entry point lies in gen/ beside it.
  const manifest = require(entry.replace(/gen[\\/][^\\/]*$/, 'package.json')) as { readonly version?: unknown };
  return typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
