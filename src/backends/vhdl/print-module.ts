import { commentText } from '../../support/legal-names.js';
import { invariant } from '../../support/invariant.js';
import { bitLength, toPattern } from '../../support/bits.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlPort } from '../../rtl/module.js';
import type { SignalForm } from './print-expression.js';
import { bitString, formOf, printChoice, printExpression } from './print-expression.js';

type ItemOf<K extends RtlItem['kind']> = RtlItem & { readonly kind: K };

const context = ['library ieee;', 'use ieee.std_logic_1164.all;', 'use ieee.numeric_std.all;', ''];
/** Entries of a table in one line of text. */
const TABLE_COLUMNS = 8;

/**
 * VHDL-2008 text of every module, an entity and its architecture each, in the order in which they can be analysed: the
 * top module, which comes first in `modules`, is last. Ports of the top module are std_logic and std_logic_vector,
 * those inside are as the signals behind them.
 */
export function printModules(
  modules: readonly RtlModule[],
): readonly { readonly module: RtlModule; readonly text: string }[] {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const printed = modules.map((module, index) => ({
    module,
    text: new ModulePrinter(module, byName, index === 0).run(),
  }));
  return printed.reverse();
}

class ModulePrinter {
  /** The type of everything with a name, and the names in lower case. */
  private readonly forms = new Map<string, SignalForm>();
  private readonly taken = new Set<string>();
  private readonly declarations: string[] = [];
  private readonly statements: string[] = [];

  public constructor(
    private readonly module: RtlModule,
    private readonly modules: ReadonlyMap<string, RtlModule>,
    private readonly isTop: boolean,
  ) {}

  public run(): string {
    const { module } = this;
    if (module.clock !== undefined) this.name(module.clock, 'std_logic');
    for (const port of module.ports) this.name(port.name, this.portForm(port));
    for (const item of module.items) {
      if ('signal' in item) this.name(item.signal.name, formOf(item.signal));
      if (item.kind === 'instance') this.taken.add(item.name.toLowerCase());
    }
    for (const item of module.items) this.printItem(item);
    this.printRegisters();
    return [
      ...module.comments.map((comment) => `-- ${commentText(comment)}`),
      ...context,
      ...this.entity(),
      '',
      `architecture rtl of ${module.name} is`,
      ...this.declarations,
      'begin',
      ...this.statements.slice(this.statements[0] === '' ? 1 : 0),
      'end architecture rtl;',
      '',
    ].join('\n');
  }

  private portForm(port: RtlPort): SignalForm {
    if (!this.isTop) return formOf(port);
    return port.width === 1 ? 'std_logic' : 'std_logic_vector';
  }

  private name(name: string, form: SignalForm): void {
    this.forms.set(name, form);
    this.taken.add(name.toLowerCase());
  }

  /** A name of the printer's own, beside those of the module. */
  private fresh(suggestion: string): string {
    let name = suggestion;
    for (let number = 2; this.taken.has(name.toLowerCase()); number++) name = `${suggestion}_${number}`;
    this.taken.add(name.toLowerCase());
    return name;
  }

  private entity(): readonly string[] {
    const { name, clock, ports } = this.module;
    const entries = [
      ...(clock === undefined ? [] : [{ text: `${clock} : in std_logic`, comment: '' }]),
      ...ports.map((port) => ({
        text: `${port.name} : ${port.direction === 'input' ? 'in' : 'out'} ${typeText(this.portForm(port), port.width)}`,
        comment: port.comment ?? '',
      })),
    ];
    const lines = entries.map(({ text, comment }, index) => {
      const end = index < entries.length - 1 ? ';' : '';
      return `    ${text}${end}${comment === '' ? '' : ` -- ${commentText(comment)}`}`;
    });
    const list = lines.length === 0 ? [] : ['  port (', ...lines, '  );'];
    return [`entity ${name} is`, ...list, `end entity ${name};`];
  }

  private printItem(item: RtlItem): void {
    switch (item.kind) {
      case 'comment':
        this.statements.push('', `  -- ${commentText(item.text)}`);
        break;
      case 'wire':
        this.declare(item.signal);
        this.assign(item.signal.name, item.value);
        break;
      case 'declare':
      case 'register':
        this.declare(item.signal);
        break;
      case 'assign':
        this.assign(item.target, item.value);
        break;
      case 'table':
        this.printTable(item);
        break;
      case 'instance':
        this.printInstance(item);
        break;
    }
  }

  private declare(signal: RtlSignal): void {
    this.declarations.push(`  signal ${signal.name} : ${typeText(formOf(signal), signal.width)};`);
  }

  private assign(target: string, value: RtlExpression): void {
    const form = this.formOf(target);
    if (form !== 'std_logic_vector' || value.kind !== 'concat' || value.parts.length === 1) {
      this.statements.push(`  ${target} <= ${printChoice(value, form, this.forms)};`);
      return;
    }
    // An output port can have thousands of parts: a statement each reads better than one long row of them.
    let low = value.width;
    for (const part of value.parts) {
      const high = low - 1;
      low -= part.width;
      const [place, partForm] =
        part.width === 1 ? ([`${low}`, 'std_logic'] as const) : ([`${high} downto ${low}`, form] as const);
      this.statements.push(`  ${target}(${place}) <= ${printExpression(part, partForm, this.forms)};`);
    }
  }

  private formOf(name: string): SignalForm {
    const form = this.forms.get(name);
    invariant(form !== undefined, `${name} is not declared in ${this.module.name}`);
    return form;
  }

  /**
   * A constant array, addressed by the low bits of the address: the addresses that can occur follow one another, so that
   * these tell them apart, and no pattern lies outside the array.
   */
  private printTable({ signal, address, first, values }: ItemOf<'table'>): void {
    this.declare(signal);
    const form = formOf(signal);
    const text = (value: bigint): string => (form === 'std_logic' ? `'${value & 1n}'` : bitString(value, signal.width));
    const bits = bitLength(BigInt(values.length - 1));
    if (bits === 0) {
      this.statements.push(`  ${signal.name} <= ${text(values[0] ?? 0n)};`);
      return;
    }
    const size = 2 ** bits;
    const type = this.fresh(`${signal.name}_table_type`);
    const name = this.fresh(`${signal.name}_table`);
    const start = Number(toPattern(first, bits));
    const list = Array.from({ length: size }, () => text(values.at(-1) ?? 0n));
    values.forEach((value, index) => {
      list[(start + index) % size] = text(value);
    });
    const lines: string[] = [];
    for (let from = 0; from < list.length; from += TABLE_COLUMNS) {
      lines.push(`    ${list.slice(from, from + TABLE_COLUMNS).join(', ')}`);
    }
    this.declarations.push(
      `  type ${type} is array (0 to ${size - 1}) of ${typeText(form, signal.width)};`,
      `  constant ${name} : ${type} := (`,
      lines.join(',\n'),
      '  );',
    );
    const low: RtlExpression = { kind: 'resize', operand: signalOf(address), width: bits, signed: address.signed };
    this.statements.push(`  ${signal.name} <= ${name}(to_integer(${printExpression(low, 'unsigned', this.forms)}));`);
  }

  private printInstance(item: ItemOf<'instance'>): void {
    const module = this.modules.get(item.module);
    invariant(module !== undefined, `module ${item.module} is not among the printed ones`);
    const ports = new Map(module.ports.map((port) => [port.name, port]));
    const associations = item.connections.map(({ port, value }) => {
      const formal = ports.get(port);
      const form = formal === undefined ? 'std_logic' : formOf(formal);
      invariant(formal !== undefined || port === module.clock, `${item.module} has no port ${port}`);
      if (value.kind === 'signal' && this.formOf(value.name) === form) return `      ${port} => ${value.name}`;
      invariant(formal?.direction === 'input', `an output of ${item.name} meets a signal of another type`);
      // A signal of its own: not every tool takes an expression in a port map.
      const name = this.fresh(`${item.name}_${port}`);
      this.forms.set(name, form);
      this.declare({ ...formal, name });
      this.assign(name, value);
      return `      ${port} => ${name}`;
    });
    const end = associations.length === 0 ? ';' : '';
    this.statements.push('', `  -- ${commentText(item.comment)}`, `  ${item.name} : entity work.${item.module}${end}`);
    if (associations.length > 0) this.statements.push('    port map (', associations.join(',\n'), '    );');
  }

  private printRegisters(): void {
    const { clock, items } = this.module;
    const registers = items.filter((item) => item.kind === 'register');
    if (registers.length === 0 || clock === undefined) return;
    const next = registers.flatMap(({ signal, next: source, reset }) => {
      const form = formOf(signal);
      const value = printExpression({ kind: 'signal', ...signal, name: source }, form, this.forms);
      if (reset === undefined) return [`      ${signal.name} <= ${value};`];
      return [
        `      if ${reset} = '1' then`,
        `        ${signal.name} <= ${form === 'std_logic' ? "'0'" : "(others => '0')"};`,
        '      else',
        `        ${signal.name} <= ${value};`,
        '      end if;',
      ];
    });
    const head = ['', `  process (${clock})`, '  begin', `    if rising_edge(${clock}) then`];
    for (const line of [...head, ...next, '    end if;', '  end process;']) this.statements.push(line);
  }
}

function typeText(form: SignalForm, width: number): string {
  return form === 'std_logic' ? form : `${form}(${width - 1} downto 0)`;
}
