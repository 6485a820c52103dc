import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { splitPorts } from '../check-design.js';
import {
  DEFAULT_RESET_CYCLES,
  type SimulationDesign,
  type SimulationEngineName,
  type SimulationStimulus,
  type SimulationTrace,
} from '../engine.js';
import { SimulationError } from '../simulation-error.js';

/** What the benches of event-driven simulators read and write, in the folder they run in. */
export const STIMULUS_ROWS = 'stimulus.hex';
export const RESPONSE_ROWS = 'response.hex';

/**
 * Writes a line per cycle: reset, valid and one hexadecimal number per input port, with all its digits. Data are
 * unknown during reset, and held while the pipeline drains.
 */
export async function writeStimulusRows(
  folder: string,
  design: SimulationDesign,
  request: SimulationStimulus,
): Promise<void> {
  const digits = splitPorts(design).inputs.map(({ width }) => Math.ceil(width / 4));
  await writeRows(join(folder, STIMULUS_ROWS), stimulusRows(request, digits, resetRows(design, request)));
}

/** Reads the line per cycle that the bench wrote: valid, and one hexadecimal number per output port. */
export async function readResponseRows(
  engine: SimulationEngineName,
  folder: string,
  design: SimulationDesign,
  request: SimulationStimulus,
): Promise<Omit<SimulationTrace, 'warnings'>> {
  const skipped = resetRows(design, request);
  const outputs: (readonly bigint[])[] = [];
  const unknown: boolean[] = [];
  const validOut: boolean[] = [];
  let row = 0;
  for await (const line of createInterface({ input: createReadStream(join(folder, RESPONSE_ROWS)) })) {
    row += 1;
    if (row <= skipped) continue;
    const isUnknown = /[^0-9a-f ]/i.test(line);
    // Digits with an unknown bit read as 0.
    const [valid, ...values] = (isUnknown ? line.replace(/[^0-9a-f ]/gi, '0') : line).split(' ');
    unknown.push(isUnknown);
    outputs.push(values.map((digits) => BigInt(`0x${digits}`)));
    validOut.push(valid === '1' && !isUnknown);
  }
  const expected = request.stimulus.length + request.drain;
  if (outputs.length !== expected) throw new SimulationError(engine, 'the simulation wrote an incomplete response');
  return { outputs, unknown, ...(design.validOut === undefined ? {} : { validOut }) };
}

function resetRows(design: SimulationDesign, request: SimulationStimulus): number {
  return design.reset === undefined ? 0 : (request.resetCycles ?? DEFAULT_RESET_CYCLES);
}

function* stimulusRows(
  request: SimulationStimulus,
  digits: readonly number[],
  reset: number,
): Generator<string, void, undefined> {
  const unknown = digits.map((count) => 'X'.repeat(count)).join(' ');
  for (let row = 0; row < reset; row += 1) yield `1 0 ${unknown}\n`;
  let data = '';
  for (const [cycle, row] of request.stimulus.entries()) {
    data = row.map((value, port) => value.toString(16).padStart(digits[port] ?? 1, '0')).join(' ');
    yield `${request.reset?.[cycle] === true ? '1' : '0'} ${(request.validIn?.[cycle] ?? true) ? '1' : '0'} ${data}\n`;
  }
  for (let cycle = 0; cycle < request.drain; cycle += 1) yield `0 0 ${data}\n`;
}

async function writeRows(path: string, rows: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    let block = '';
    for (const row of rows) {
      block += row;
      if (block.length < 1 << 20) continue;
      await file.write(block);
      block = '';
    }
    if (block !== '') await file.write(block);
  } finally {
    await file.close();
  }
}
