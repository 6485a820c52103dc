import { parseProgram } from '../dataflow/parse.js';
import type { Program } from '../dataflow/program.js';
import { kernelOf } from '../dataflow/program.js';
import { at } from '../support/invariant.js';
import { choiceCodec, listCodec, numberCodec } from '../support/codec.js';
import { TextCursor, TextSyntaxError, word } from '../support/text-tree.js';
import type { Design, PortRegisters } from './design.js';
import { DESIGN_TEXT_VERSION } from './print.js';
import type { Unit } from './sequencing.js';
import { unitForms } from './sequencing.js';

const portsCodec = choiceCodec(['packed', 'elements'] as const);
const registersCodec = choiceCodec<PortRegisters>(['in', 'out', 'both', 'none']);
const formCodec = choiceCodec(unitForms);
const cyclesCodec = listCodec(numberCodec);

/** Read what `printDesign` writes. Throws TextSyntaxError. */
export function parseDesign(text: string): Design {
  const lines = text.split('\n');
  const end = lines.indexOf('schedule');
  if (end < 3) throw new TextSyntaxError('not the text of a design: there is no schedule');
  const head: TextCursor = new TextCursor(lines.slice(0, 3).join('\n'));
  head.expect('design');
  const version = head.integer();
  if (version !== DESIGN_TEXT_VERSION) {
    throw new TextSyntaxError(`version ${version} of the text form; this Trigc reads version ${DESIGN_TEXT_VERSION}`);
  }
  const name = head.string();
  head.expect('interface');
  const ports = portsCodec.decode(word(head.word()));
  const registers = registersCodec.decode(word(head.word()));
  head.expect('valid');
  const valid = head.word() === 'true';
  head.expect('latency');
  const latency = head.integer();
  head.expect('ii');
  const interval = head.integer();
  if (interval < 1) head.fail('an initiation interval below 1');
  const parts = head.atEnd ? undefined : parseParts(head);

  const program = parseProgram(lines.slice(3, end).join('\n'));
  const cycles: Int32Array[][] = program.instances.map(() => []);
  const tail: TextCursor = new TextCursor(lines.slice(end + 1).join('\n'));
  const units: Unit[] = [];
  while (interval > 1 && units.length < program.instances.length) units.push(parseUnit(tail, program, units.length));
  while (!tail.atEnd) {
    const instance = Number(tail.word().slice(1));
    const position = Number(tail.word().slice(1));
    const list = cycles[instance];
    const nodes = program.kernels[program.instances[instance]?.kernel ?? -1]?.nodes.length;
    if (list?.length !== position) tail.fail('the schedule does not follow the instances');
    const values = cyclesCodec.decode(tail.tree());
    if (values.length !== nodes) tail.fail(`${values.length} cycles for ${nodes ?? 0} nodes`);
    list.push(Int32Array.from(values));
  }
  program.instances.forEach((instance, index) => {
    if (cycles[index]?.length !== instance.positions.length)
      throw new TextSyntaxError(`instance ${index} is not scheduled`);
  });
  return {
    name,
    program,
    schedule: { latency, cycles },
    interface: { ports, registers, valid },
    initiationInterval: interval,
    ...(interval > 1 ? { sequencing: { interval, inputClocks: inputClocks(program, parts), units } } : {}),
  };
}

function parseParts(head: TextCursor): readonly number[] {
  head.expect('parts');
  return cyclesCodec.decode(head.tree());
}

/** The clocks in which each input comes; one where the text says nothing. */
function inputClocks({ inputs }: Program, parts: readonly number[] = inputs.map(() => 1)): readonly number[] {
  const fits = parts.length === inputs.length;
  if (!fits || inputs.some(({ types }, input) => !dividesInto(types.length, at(parts, input))))
    throw new TextSyntaxError('the parts are not those of the inputs');
  return parts;
}

function dividesInto(count: number, parts: number): boolean {
  return Number.isInteger(parts) && parts >= 1 && count % parts === 0;
}

function parseUnit(tail: TextCursor, program: Program, index: number): Unit {
  tail.expect('unit');
  const form = formCodec.decode(word(tail.word()));
  const [lanes, slots, spacing, registered, start, digitBits, digits] = [0, 1, 2, 3, 4, 5, 6].map(() => tail.integer());
  const outputs = cyclesCodec.decode(tail.tree());
  const cycles = Int32Array.from(cyclesCodec.decode(tail.tree()));
  const instance = at(program.instances, index);
  const kernel = kernelOf(program, instance);
  const fits =
    outputs.length === kernel.outputs.length &&
    cycles.length === kernel.nodes.length &&
    (lanes ?? 0) * (slots ?? 0) >= instance.positions.length;
  if (!fits) tail.fail(`unit ${index} is not one of its kernel`);
  return {
    form,
    lanes: lanes ?? 0,
    slots: slots ?? 0,
    spacing: spacing ?? 0,
    registered: registered === 1,
    start: start ?? 0,
    digitBits: digitBits ?? 0,
    digits: digits ?? 0,
    outputs,
    cycles,
  };
}
