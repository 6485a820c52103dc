import { compileEmulator } from '../backends/emulator/emulator.js';
import type { InputPolicy } from '../data/event-port.js';
import { readEvents } from '../data/read-events.js';
import { writeEvents } from '../data/write-events.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { inputColumns } from '../report/manifest.js';
import { openCompiledFolder } from './compiled-folder.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';

export interface EmulateArguments {
  readonly folder: string;
  readonly input: string;
  readonly output: string;
  readonly codes: boolean;
  readonly policy: InputPolicy;
}

/** `trigc emulate`: the outputs of the final ModelGraph for a file of events. */
export async function emulateCommand(arguments_: EmulateArguments, console: Console): Promise<number> {
  const { folder, codes, policy } = arguments_;
  const compiled = openCompiledFolder(folder);
  showDiagnostics(console, compiled.diagnostics);
  const input = unwrap(await readEvents(arguments_.input, inputColumns(compiled.graph), { codes, policy }));
  const emulator = compileEmulator(compiled.graph);
  const { output, violations } = emulator.run(input);
  const [first] = violations;
  if (first !== undefined) {
    const count = violations.reduce((sum, violation) => sum + violation.count, 0);
    const message = `${count} values break a promise about the inputs, first in event ${first.firstEvent}, element ${first.firstElement}`;
    fail(commandCodes.promiseViolated, message, { model: printable(arguments_.input) });
  }
  unwrap(await writeEvents(arguments_.output, output, emulator.outputTypes, { codes }));
  const decisions = compiled.manifest.decisions ?? [];
  decisions.forEach(({ name, output: score, comparison, threshold }, index) => {
    // They are the last columns.
    const column = output.columns - decisions.length + index;
    let fired = 0;
    for (let row = 0; row < output.rows; row++) if (Number(output.data[row * output.columns + column]) === 1) fired++;
    const share = Number(((100 * fired) / output.rows).toFixed(2));
    const condition = `${printable(score)} ${comparison} ${threshold}`;
    console.note(`decision ${printable(name)} (${condition}): ${fired} of ${output.rows} events, ${share} %`);
  });
  console.result(`emulated ${input.rows} events to ${printable(arguments_.output)}`);
  return exitCode.ok;
}
