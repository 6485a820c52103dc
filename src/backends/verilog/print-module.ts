import { commentText } from '../../support/legal-names.js';
import { toPattern } from '../../support/bits.js';
import type { RtlSignal } from '../../rtl/expression.js';
import type { RtlItem, RtlModule } from '../../rtl/module.js';
import { printExpression } from './print-expression.js';

/** Verilog-2005 text of a module. */
export function printModule(module: RtlModule): string {
  const lines = module.comments.map((comment) => `// ${commentText(comment)}`);
  lines.push(`module ${module.name}${parameterList(module)} (`);
  const ports = [
    ...(module.clock === undefined ? [] : [`    input  wire ${module.clock}`]),
    ...module.ports.map(
      (port) => `    ${port.direction.padEnd(6)} wire ${signed(port)}${range(port.width)} ${port.name}`,
    ),
  ];
  const comments = [...(module.clock === undefined ? [] : ['']), ...module.ports.map((port) => port.comment ?? '')];
  ports.forEach((port, index) => {
    const comment = comments[index] ?? '';
    lines.push(`${port}${index < ports.length - 1 ? ',' : ''}${comment === '' ? '' : ` // ${commentText(comment)}`}`);
  });
  lines.push(');');
  for (const item of module.items) {
    for (const line of printItem(item)) if (line !== '' || lines.at(-1) !== ');') lines.push(line);
  }
  for (const line of printRegisters(module)) lines.push(line);
  lines.push('endmodule', '');
  return lines.join('\n');
}

function parameterList(module: RtlModule): string {
  if (module.parameters.length === 0) return '';
  const list = module.parameters.map(
    ({ name, value }) => `    parameter ${name} = ${typeof value === 'number' ? value : JSON.stringify(value)}`,
  );
  return ` #(\n    // These describe the module; overriding them changes nothing.\n${list.join(',\n')}\n)`;
}

function signed(signal: RtlSignal): string {
  return signal.signed ? 'signed ' : '';
}

function range(width: number): string {
  return `[${width - 1}:0]`;
}

function printItem(item: RtlItem): readonly string[] {
  switch (item.kind) {
    case 'comment':
      return ['', `    // ${commentText(item.text)}`];
    case 'wire':
      return [`    wire ${declaration(item.signal)} = ${printExpression(item.value)};`];
    case 'declare':
      return [`    wire ${declaration(item.signal)};`];
    case 'register':
      return [`    reg ${declaration(item.signal)};`];
    case 'assign':
      return [`    assign ${item.target} = ${printExpression(item.value)};`];
    case 'table':
      return printTable(item);
    case 'instance': {
      const list = item.connections.map(({ port, value }) => `        .${port}(${printExpression(value)})`);
      return [
        '',
        `    // ${commentText(item.comment)}`,
        `    ${item.module} ${item.name} (`,
        list.join(',\n'),
        '    );',
      ];
    }
  }
}

function declaration(signal: RtlSignal): string {
  return `${signed(signal)}${range(signal.width)} ${signal.name}`;
}

function printTable(item: RtlItem & { readonly kind: 'table' }): readonly string[] {
  const { signal, address, first, values } = item;
  const pattern = (value: bigint, width: number): string => `${width}'d${toPattern(value, width)}`;
  // The last entry is the default: beside a complete list a default of its own would be dead.
  const entries = values.slice(0, -1).map((value, index) => {
    const key = pattern(first + BigInt(index), address.width);
    return `            ${key}: ${signal.name} = ${pattern(value, signal.width)};`;
  });
  return [
    `    reg ${declaration(signal)};`,
    '    always @* begin',
    `        case (${address.name})`,
    ...entries,
    `            default: ${signal.name} = ${pattern(values.at(-1) ?? 0n, signal.width)};`,
    '        endcase',
    '    end',
  ];
}

function printRegisters(module: RtlModule): readonly string[] {
  const registers = module.items.filter((item) => item.kind === 'register');
  if (registers.length === 0 || module.clock === undefined) return [];
  const next = registers.map(({ signal, next: source, reset }) => {
    const value = reset === undefined ? source : `${reset} ? 1'b0 : ${source}`;
    return `        ${signal.name} <= ${value};`;
  });
  return ['', `    always @(posedge ${module.clock}) begin`, ...next, '    end'];
}
