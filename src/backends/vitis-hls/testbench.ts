import { at } from '../../support/invariant.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { lsbExponent } from '../../numeric/fixed-point.js';

/** A port of a C++ top function as a testbench fills or reads it. */
export interface CppPort {
  readonly name: string;
  /** Qualified C++ type of the elements of the array. */
  readonly elementType: string;
  /** What the elements of the array can hold. */
  readonly arrayType: FixedPointType;
  /** What the codes of the port mean: one type per element, or one for all. */
  readonly types: readonly FixedPointType[];
  readonly size: number;
  /** Elements that travel together, where the port is a stream of rows. */
  readonly row?: number;
}

/** Codes travel as 64-bit integers with a sign in testbenches and files. */
export function fitsCode({ signed, width }: FixedPointType): boolean {
  return width <= (signed ? 64 : 63);
}

export interface TestbenchView {
  readonly top: string;
  readonly header: string;
  readonly inputs: readonly CppPort[];
  readonly outputs: readonly CppPort[];
}

/**
 * The text of a testbench in C++: integer codes in, integer codes out, never a double. It reads one event per line from
 * the first file, and compares with the second file or, where the name is `-`, prints what the function gives.
 */
export function testbenchFile({ top, header, inputs, outputs }: TestbenchView): string {
  const size = (ports: readonly CppPort[]): number => ports.reduce((sum, port) => sum + port.size, 0);
  const calls = [...inputs, ...outputs].map(({ name }) => name).join(', ');
  const lines = [
    header,
    '',
    '#include <fstream>',
    '#include <iostream>',
    '#include <string>',
    '#include <vector>',
    '',
    `#include "${top}.h"`,
    '#include "trigc/testbench.h"',
    '',
    `namespace ${top}_testbench {`,
    '',
    `const int input_size = ${size(inputs)};`,
    `const int output_size = ${size(outputs)};`,
    ...[...inputs, ...outputs].map(
      (port) => `const int ${port.name}_shifts[${port.size}] = {${shifts(port).join(', ')}};`,
    ),
    '',
    '/// One event, as codes of the ports in order.',
    'void simulate(const std::vector<long long> &input, std::vector<long long> &output) {',
    ...[...inputs, ...outputs].map(declaration),
  ];
  let offset = 0;
  for (const port of inputs) {
    lines.push(`    trigc::bring<${port.size}>(&input[${offset}], ${port.name}_shifts, ${port.name});`);
    offset += port.size;
  }
  lines.push(`    ${top}(${calls});`);
  offset = 0;
  for (const port of outputs) {
    lines.push(`    trigc::take<${port.size}>(${port.name}, ${port.name}_shifts, &output[${offset}]);`);
    offset += port.size;
  }
  lines.push(
    '}',
    '',
    `} // namespace ${top}_testbench`,
    '',
    'int main(int count, char **arguments) {',
    `    using namespace ${top}_testbench;`,
    '    return trigc::run_testbench(count, arguments, input_size, output_size, simulate);',
    '}',
    '',
  );
  return lines.join('\n');
}

/** By how many bits the LSB of an element lies above that of the array. */
function shifts({ types, size, arrayType }: CppPort): readonly number[] {
  return Array.from({ length: size }, (_, element) => {
    const type = types.length === 1 ? at(types, 0) : at(types, element);
    return lsbExponent(type) - lsbExponent(arrayType);
  });
}

function declaration({ name, elementType, size, row }: CppPort): string {
  return row === undefined
    ? `    ${elementType} ${name}[${size}];`
    : `    hls::stream<trigc::row<${elementType}, ${row}> > ${name};`;
}
