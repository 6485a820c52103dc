import { printProgram } from '../dataflow/print.js';
import { printTree, word } from '../support/text-tree.js';
import type { Design } from './design.js';

/** Version of the text form; a change that old text does not survive raises it. */
export const DESIGN_TEXT_VERSION = 1;

/**
 * The text form of a design, which `parseDesign` reads back exactly: the interface, the program, the units where
 * hardware is reused (`parts`: the clocks in which each input comes, where some takes more than one; form, lanes, slots, spacing, operands in registers, start, bits and number of digits, clocks of the outputs and of the
 * nodes), and the cycles of the nodes of each instance and position.
 *
 * ```
 * design 1 "top"
 * interface packed none valid false
 * latency 2 ii 1
 * dataflow 1 "network"
 * …
 * schedule
 * i0 p0 [0 * 12, 1 * 40, 2 * 7]
 * ```
 */
export function printDesign(design: Design): string {
  const { ports, registers, valid } = design.interface;
  const lines = [
    `design ${DESIGN_TEXT_VERSION} ${JSON.stringify(design.name)}`,
    `interface ${ports} ${registers} valid ${valid}`,
    `latency ${design.schedule.latency} ii ${design.initiationInterval}${printParts(design)}`,
    printProgram(design.program).trimEnd(),
    'schedule',
  ];
  for (const unit of design.sequencing?.units ?? []) {
    const { form, lanes, slots, spacing, registered, start, digitBits, digits } = unit;
    lines.push(
      `unit ${form} ${lanes} ${slots} ${spacing} ${registered ? 1 : 0} ${start} ${digitBits} ${digits} ` +
        `${printTree(unit.outputs.map(word))} ${printTree(Array.from(unit.cycles, word))}`,
    );
  }
  design.schedule.cycles.forEach((positions, instance) => {
    positions.forEach((cycles, position) => {
      lines.push(`i${instance} p${position} ${printTree(Array.from(cycles, word))}`);
    });
  });
  return `${lines.join('\n')}\n`;
}

function printParts({ sequencing }: Design): string {
  const clocks = sequencing?.inputClocks ?? [];
  return clocks.some((count) => count > 1) ? ` parts ${printTree(clocks.map(word))}` : '';
}
