import { parseProgram } from '../dataflow/parse.js';
import { choiceCodec, listCodec, numberCodec } from '../support/codec.js';
import { TextCursor, TextSyntaxError, word } from '../support/text-tree.js';
import type { Design, PortRegisters } from './design.js';
import { DESIGN_TEXT_VERSION } from './print.js';

const portsCodec = choiceCodec(['packed', 'elements'] as const);
const registersCodec = choiceCodec<PortRegisters>(['in', 'out', 'both', 'none']);
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
  if (head.integer() !== 1) head.fail('an initiation interval other than 1');

  const program = parseProgram(lines.slice(3, end).join('\n'));
  const cycles: Int32Array[][] = program.instances.map(() => []);
  const tail: TextCursor = new TextCursor(lines.slice(end + 1).join('\n'));
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
    initiationInterval: 1,
  };
}
