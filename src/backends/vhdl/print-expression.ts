import { invariant, InvariantError } from '../../support/invariant.js';
import { toPattern } from '../../support/bits.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';

/** A vector type of ieee.std_logic_1164 or ieee.numeric_std. */
export type VectorForm = 'unsigned' | 'signed' | 'std_logic_vector';
/** How a signal is declared. */
export type SignalForm = 'std_logic' | VectorForm;
/** The declaration of every signal that an expression may name. */
export type SignalForms = ReadonlyMap<string, SignalForm>;

/** One unsigned bit is std_logic; everything else is a vector that knows its sign. */
export function formOf(signal: Pick<RtlSignal, 'width' | 'signed'>): SignalForm {
  if (signal.signed) return 'signed';
  return signal.width === 1 ? 'std_logic' : 'unsigned';
}

/** Bits of a string literal, as VHDL wants them. */
export function bitString(value: bigint, width: number): string {
  return `"${toPattern(value, width).toString(2).padStart(width, '0')}"`;
}

/**
 * VHDL-2008 text of an expression for a target of its own width. The right-hand sides of a choice are separate, because
 * `when … else` stands in assignments only: `printChoice` takes the outermost ones apart.
 *
 * Every operand has the width that the netlist asks for. numeric_std's `resize` repeats the sign of a signed vector and,
 * unlike the netlist, keeps it when it shortens one: shortening is written as a slice or on the unsigned pattern.
 */
export function printExpression(expression: RtlExpression, form: SignalForm, forms: SignalForms): string {
  const printer = new ExpressionPrinter(forms);
  if (form === 'std_logic') {
    invariant(expression.width === 1, 'one bit is expected');
    return bare(printer.lowBit(expression));
  }
  // The target gives a literal its type.
  const value = literalOf(expression);
  return value === undefined ? printer.vector(expression, form) : bitString(value, expression.width);
}

/** `value when condition else …`, over the choices at the root of the expression. */
export function printChoice(expression: RtlExpression, form: SignalForm, forms: SignalForms): string {
  const parts: string[] = [];
  let rest = expression;
  while (rest.kind === 'choose') {
    parts.push(`${printExpression(rest.whenTrue, form, forms)} when ${printCondition(rest.condition, forms)} else `);
    rest = rest.whenFalse;
  }
  return `${parts.join('')}${printExpression(rest, form, forms)}`;
}

/** A boolean; false where a bit that decides it is unknown. */
export function printCondition(condition: RtlExpression, forms: SignalForms): string {
  const printer = new ExpressionPrinter(forms);
  if (condition.kind === 'compare' && condition.left.width > 1) {
    const { left, right, operator } = condition;
    const form = comparisonForm(condition);
    const relation = operator === '<' ? '<' : '=';
    return `${enclosed(printer.vector(left, form))} ${relation} ${enclosed(printer.vector(right, form))}`;
  }
  return `${printer.lowBit(condition)} = '1'`;
}

function comparisonForm({ operator, left, right }: RtlExpression & { readonly kind: 'compare' }): VectorForm {
  return operator === '<' && (left.signed || right.signed) ? 'signed' : 'unsigned';
}

function literalOf(expression: RtlExpression): bigint | undefined {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'resize' && expression.operand.kind === 'literal' ? expression.operand.value : undefined;
}

/** Operands before they were resized to the width of the result. */
function original(expression: RtlExpression): RtlExpression {
  return expression.kind === 'resize' ? expression.operand : expression;
}

/** Without parentheses around all of it. */
function bare(text: string): string {
  if (!text.startsWith('(')) return text;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}

/** As an operand: operators of VHDL do not mix without parentheses; names, calls and conversions need none. */
function enclosed(text: string): string {
  if (text.startsWith('-')) return `(${text})`;
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ' ' && depth === 0) return `(${text})`;
  }
  return text;
}

class ExpressionPrinter {
  public constructor(private readonly forms: SignalForms) {}

  /** The lowest bit as std_logic; all of an expression of one bit. */
  public lowBit(expression: RtlExpression): string {
    switch (expression.kind) {
      case 'signal':
        return this.form(expression.name) === 'std_logic' ? expression.name : `${expression.name}(0)`;
      case 'literal':
        return (expression.value & 1n) === 1n ? "'1'" : "'0'";
      case 'bits': {
        const { name, low } = expression;
        return this.form(name) === 'std_logic' ? name : `${name}(${low})`;
      }
      case 'concat': {
        const last = expression.parts.at(-1);
        invariant(last !== undefined, 'a concatenation has parts');
        return this.lowBit(last);
      }
      case 'repeat':
        return this.lowBit(expression.part);
      case 'resize':
      case 'negate':
        return this.lowBit(expression.operand);
      case 'shiftLeft':
        return expression.amount > 0 ? "'0'" : this.lowBit(expression.operand);
      case 'invert':
        return `(not ${this.lowBit(expression.operand)})`;
      case 'binary': {
        // Sums and differences of single bits have no carry that is kept.
        const operator = { '+': 'xor', '-': 'xor', '^': 'xor', '*': 'and', '&': 'and', '|': 'or' }[expression.operator];
        return `(${this.lowBit(expression.left)} ${operator} ${this.lowBit(expression.right)})`;
      }
      case 'sum': {
        const bits = [expression.first, expression.second, expression.third].map((part) => this.lowBit(part));
        return `(${bits.join(' xor ')})`;
      }
      case 'compare':
        return this.comparison(expression);
      case 'reduce': {
        const { operand, operator } = expression;
        if (operand.width === 1)
          return operator.startsWith('~') ? `(not ${this.lowBit(operand)})` : this.lowBit(operand);
        const word = { '|': 'or', '&': 'and', '~|': 'nor', '~&': 'nand' }[operator];
        return `(${word} ${enclosed(this.vector(operand, 'unsigned'))})`;
      }
      case 'both':
        return `(${this.lowBit(expression.left)} and ${this.lowBit(expression.right)})`;
      case 'choose':
        throw new InvariantError('a choice inside another expression has no form in VHDL');
    }
  }

  /** The pattern as a vector of the given type. */
  public vector(expression: RtlExpression, want: VectorForm): string {
    const { width } = expression;
    if (expression.kind === 'literal') return `${want}'(${bitString(expression.value, width)})`;
    if (expression.kind === 'signal') return this.signal(expression.name, want);
    if (width === 1) return `${want}'(0 => ${this.lowBit(expression)})`;
    switch (expression.kind) {
      case 'bits': {
        const { name, high, low } = expression;
        return this.converted(`${name}(${high} downto ${low})`, this.form(name), want);
      }
      case 'concat':
        return this.joined(expression.parts, want);
      case 'repeat':
        if (expression.part.width > 1)
          return this.joined(
            Array.from({ length: expression.count }, () => expression.part),
            want,
          );
        return `${want}'(${width - 1} downto 0 => ${this.lowBit(expression.part)})`;
      case 'resize':
        return this.resized(expression.operand, width, want);
      case 'shiftLeft':
        return this.shifted(expression.operand, expression.amount, width, want);
      case 'negate': {
        const { operand } = expression;
        return this.converted(`-${enclosed(this.vector(operand, 'signed'))}`, 'signed', want);
      }
      case 'invert':
        return `not ${this.operand(expression.operand, want)}`;
      case 'binary': {
        const { left, operator, right } = expression;
        if (operator === '*') return this.product(expression, want);
        const word = { '+': '+', '-': '-', '&': 'and', '|': 'or', '^': 'xor' }[operator];
        if ((operator === '+' || operator === '-') && want === 'std_logic_vector') return this.viaUnsigned(expression);
        return `${this.operand(left, want)} ${word} ${this.operand(right, want)}`;
      }
      case 'sum': {
        if (want === 'std_logic_vector') return this.viaUnsigned(expression);
        const { first, second, third, subtracts } = expression;
        const pair = `${this.operand(first, want)} + ${this.operand(second, want)}`;
        return `${pair} ${subtracts ? '-' : '+'} ${this.operand(third, want)}`;
      }
      case 'compare':
      case 'reduce':
      case 'both':
      case 'choose':
        throw new InvariantError(`a ${expression.kind} of ${width} bits has no form in VHDL here`);
    }
  }

  private form(name: string): SignalForm {
    const form = this.forms.get(name);
    invariant(form !== undefined, `signal ${name} is not declared`);
    return form;
  }

  private operand(expression: RtlExpression, want: VectorForm): string {
    return enclosed(this.vector(expression, want));
  }

  private converted(text: string, from: SignalForm, want: VectorForm): string {
    return from === want ? text : `${want}(${text})`;
  }

  private viaUnsigned(expression: RtlExpression): string {
    return `std_logic_vector(${this.vector(expression, 'unsigned')})`;
  }

  private signal(name: string, want: VectorForm): string {
    const form = this.form(name);
    return form === 'std_logic' ? `${want}'(0 => ${name})` : this.converted(name, form, want);
  }

  /** Parts side by side; single bits are elements. */
  private joined(parts: readonly RtlExpression[], want: VectorForm): string {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return this.vector(only, want);
    const texts = parts.map((part) => (part.width === 1 ? this.lowBit(part) : this.operand(part, want)));
    return `${want}'(${texts.join(' & ')})`;
  }

  /** Extended by the operand's own sign, or its low bits. */
  private resized(operand: RtlExpression, width: number, want: VectorForm): string {
    if (operand.kind === 'literal') return `${want}'(${bitString(operand.value, width)})`;
    if (operand.kind === 'shiftLeft') return this.shifted(operand.operand, operand.amount, width, want);
    if (operand.kind === 'resize' && width <= operand.width) return this.resized(operand.operand, width, want);
    if (width === operand.width) return this.vector(operand, want);
    if (width === 1) return `${want}'(0 => ${this.lowBit(operand)})`;
    if (width > operand.width) {
      const bit = operand.width === 1 ? this.lowBit(operand) : '';
      if (bit !== '' && operand.signed) return `${want}'(${width - 1} downto 0 => ${bit})`;
      if (bit !== '') return `${want}'(${bitString(0n, width - 1)} & ${bit})`;
      const own = operand.signed ? 'signed' : 'unsigned';
      return this.converted(`resize(${this.vector(operand, own)}, ${width})`, own, want);
    }
    if (operand.kind === 'signal' || operand.kind === 'bits') {
      const low = operand.kind === 'bits' ? operand.low : 0;
      return this.converted(`${operand.name}(${low + width - 1} downto ${low})`, this.form(operand.name), want);
    }
    return this.converted(`resize(${this.vector(operand, 'unsigned')}, ${width})`, 'unsigned', want);
  }

  /** operand × 2^amount in `width` bits, whatever its exact width would be. */
  private shifted(operand: RtlExpression, amount: number, width: number, want: VectorForm): string {
    if (width <= amount) return `${want}'(${bitString(0n, width)})`;
    if (amount === 0) return this.resized(operand, width, want);
    const kept: RtlExpression = { kind: 'resize', operand, width: width - amount, signed: operand.signed };
    const text = kept.width === 1 ? this.lowBit(operand) : enclosed(this.resized(operand, kept.width, want));
    return `${want}'(${text} & ${bitString(0n, amount)})`;
  }

  /** numeric_std's product is as wide as its operands together. */
  private product(expression: RtlExpression & { readonly kind: 'binary' }, want: VectorForm): string {
    const operands = [original(expression.left), original(expression.right)];
    const signed = operands.some((operand) => operand.signed);
    const form = signed ? 'signed' : 'unsigned';
    const factors = operands.map((operand): RtlExpression => {
      const width = Math.min(operand.width + (signed && !operand.signed ? 1 : 0), expression.width);
      return width === operand.width ? operand : { kind: 'resize', operand, width, signed: operand.signed };
    });
    const total = factors.reduce((sum, factor) => sum + factor.width, 0);
    const text = factors.map((factor) => this.operand(factor, form)).join(' * ');
    if (total === expression.width) return this.converted(text, form, want);
    if (total < expression.width) return this.converted(`resize(${text}, ${expression.width})`, form, want);
    const pattern = this.converted(text, form, 'unsigned');
    return this.converted(`resize(${pattern}, ${expression.width})`, 'unsigned', want);
  }

  /** One bit, unknown where it cannot be known. */
  private comparison(expression: RtlExpression & { readonly kind: 'compare' }): string {
    const { left, right, operator } = expression;
    if (left.width === 1) {
      const [l, r] = [this.lowBit(left), this.lowBit(right)];
      if (operator === '==') return `(${l} xnor ${r})`;
      // Below as patterns, and the other way round where a set bit means -1.
      return comparisonForm(expression) === 'signed' ? `(${l} and (not ${r}))` : `((not ${l}) and ${r})`;
    }
    const form = comparisonForm(expression);
    return `(${this.operand(left, form)} ${operator === '<' ? '?<' : '?='} ${this.operand(right, form)})`;
  }
}
