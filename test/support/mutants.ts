import { printModule } from '../../src/backends/verilog/print-module.js';
import type { RtlExpression } from '../../src/rtl/expression.js';
import type { RtlItem, RtlModule } from '../../src/rtl/module.js';
import { InvariantError } from '../../src/support/invariant.js';

/** A module with one fault in it. */
export interface Mutant {
  /** What kind of fault: `operator`, `missing register`, … */
  readonly fault: string;
  readonly where: string;
  readonly module: RtlModule;
}

interface Changed<T> {
  readonly fault: string;
  readonly value: T;
}

/** Every single fault of the kinds below, in all places of a module, that can be written in Verilog. */
export function mutantsOf(module: RtlModule): readonly Mutant[] {
  return allMutants(module).filter(hasText);
}

/** The printer refuses expressions that the lowering never makes, such as an extension of a part of an extension. */
function hasText({ module }: Mutant): boolean {
  try {
    printModule(module);
    return true;
  } catch (error) {
    if (error instanceof InvariantError) return false;
    throw error;
  }
}

function allMutants(module: RtlModule): readonly Mutant[] {
  return module.items.flatMap((item, index) =>
    changedItems(item).map(({ fault, value }) => ({
      fault,
      where: `${module.name}, item ${index}`,
      module: { ...module, items: module.items.flatMap((other, place) => (place === index ? value : [other])) },
    })),
  );
}

function changedItems(item: RtlItem): readonly Changed<readonly RtlItem[]>[] {
  switch (item.kind) {
    case 'comment':
    case 'declare':
      return [];
    case 'wire':
      return changedExpressions(item.value).map(({ fault, value }) => ({ fault, value: [{ ...item, value }] }));
    case 'assign':
      return [
        ...changedExpressions(item.value).map(({ fault, value }) => ({ fault, value: [{ ...item, value }] })),
        ...(item.target === 'valid_out' ? [{ fault: 'valid tied high', value: [{ ...item, value: bit(1n) }] }] : []),
      ];
    case 'register': {
      const { signal, next, reset } = item;
      const early = { ...signal, name: `${signal.name}_extra` };
      const value: RtlExpression = { kind: 'signal', ...signal, name: next };
      return [
        { fault: 'missing register', value: [{ kind: 'wire', signal, value }] },
        {
          fault: 'extra register',
          value: [
            { ...item, signal: early },
            { ...item, next: early.name },
          ],
        },
        ...(reset === undefined
          ? []
          : [{ fault: 'dropped reset', value: [{ kind: 'register' as const, signal, next }] }]),
      ];
    }
    case 'table': {
      const middle = Math.floor(item.values.length / 2);
      const values = item.values.map((value, index) => (index === middle ? value ^ 1n : value));
      return [{ fault: 'table entry', value: [{ ...item, values }] }];
    }
    case 'instance':
      return item.connections.flatMap(({ value }, index) => {
        const [own, next] = [item.connections[index]?.port ?? '', item.connections[index + 1]];
        if (value.kind !== 'signal' || next?.value.kind !== 'signal' || own === 'clk') return [];
        if (next.value.width !== value.width || own.startsWith('out_') !== next.port.startsWith('out_')) return [];
        const other = next.value;
        const connections = item.connections.map((connection, place) =>
          place === index
            ? { ...connection, value: other }
            : place === index + 1
              ? { ...connection, value }
              : connection,
        );
        return [{ fault: 'swapped connections', value: [{ ...item, connections }] }];
      });
  }
}

const bit = (value: bigint): RtlExpression => ({ kind: 'literal', value, width: 1, signed: false });

/** The expression with one fault, in itself or in one of its operands; its width stays. */
function changedExpressions(expression: RtlExpression): readonly Changed<RtlExpression>[] {
  const inside = (key: string, operand: RtlExpression): readonly Changed<RtlExpression>[] =>
    changedExpressions(operand).map(({ fault, value }) => ({ fault, value: { ...expression, [key]: value } }));
  const one = (fault: string, value: RtlExpression): Changed<RtlExpression> => ({ fault, value });
  switch (expression.kind) {
    case 'signal': {
      const { name, width, signed } = expression;
      if (width === 1) return [];
      const narrow: RtlExpression = { kind: 'bits', name, high: width - 2, low: 0, width: width - 1, signed };
      return [one('width', { kind: 'resize', operand: narrow, width, signed })];
    }
    case 'bits': {
      const { low, high } = expression;
      return low === 0 ? [] : [one('slice', { ...expression, low: low - 1, high: high - 1 })];
    }
    case 'literal': {
      const { value, width, signed } = expression;
      const top = 1n << BigInt(width - (signed ? 2 : 1));
      return [
        one('constant', { ...expression, value: value ^ 1n }),
        ...(width > 2 ? [one('constant bit', { ...expression, value: value ^ top })] : []),
      ];
    }
    case 'concat': {
      const [first, second, ...rest] = expression.parts;
      const swapped = first !== undefined && second?.width === first.width ? [second, first, ...rest] : undefined;
      return [
        ...(swapped === undefined ? [] : [one('concat order', { ...expression, parts: swapped })]),
        ...expression.parts.flatMap((part, index) =>
          changedExpressions(part).map(({ fault, value }) =>
            one(fault, {
              ...expression,
              parts: expression.parts.map((other, place) => (place === index ? value : other)),
            }),
          ),
        ),
      ];
    }
    case 'repeat':
      return [];
    case 'resize': {
      const { operand, width } = expression;
      const flipped: RtlExpression = { ...operand, signed: !operand.signed };
      const extends_ = width > operand.width && (operand.kind === 'signal' || operand.kind === 'bits');
      return [
        ...(extends_ ? [one('signedness', { ...expression, operand: flipped })] : []),
        ...inside('operand', operand),
      ];
    }
    case 'shiftLeft': {
      const { operand, amount } = expression;
      return [
        one('shift', { ...expression, amount: amount + 1 }),
        ...(amount > 1 ? [one('shift', { ...expression, amount: amount - 1 })] : []),
        ...inside('operand', operand),
      ];
    }
    case 'negate':
    case 'invert':
      return inside('operand', expression.operand);
    case 'binary': {
      const { operator, left, right } = expression;
      const other = ({ '+': '-', '-': '+', '*': '+', '&': '|', '|': '&', '^': '|' } as const)[operator];
      return [
        one('operator', { ...expression, operator: other }),
        ...(operator === '-' ? [one('swapped operands', { ...expression, left: right, right: left })] : []),
        ...inside('left', left),
        ...inside('right', right),
      ];
    }
    case 'sum':
      return [
        one('operator', { ...expression, subtracts: !expression.subtracts }),
        ...inside('first', expression.first),
        ...inside('third', expression.third),
      ];
    case 'compare': {
      const { operator, left, right } = expression;
      const converse: RtlExpression = { ...expression, left: right, right: left };
      const atMost: RtlExpression = { kind: 'invert', operand: converse, width: 1, signed: false };
      return [
        ...(operator === '<' ? [one('less or equal', atMost), one('swapped comparison', converse)] : []),
        ...(operator === '==' ? [one('comparison', { ...expression, operator: '<' })] : []),
        ...inside('left', left),
        ...inside('right', right),
      ];
    }
    case 'reduce': {
      const other = ({ '|': '&', '&': '|', '~|': '~&', '~&': '~|' } as const)[expression.operator];
      return [one('reduction', { ...expression, operator: other }), ...inside('operand', expression.operand)];
    }
    case 'both':
      return [one('one condition of two', expression.left), one('one condition of two', expression.right)];
    case 'choose': {
      const { condition, whenTrue, whenFalse } = expression;
      return [
        one('swapped selection', { ...expression, whenTrue: whenFalse, whenFalse: whenTrue }),
        ...inside('condition', condition),
        ...inside('whenTrue', whenTrue),
        ...inside('whenFalse', whenFalse),
      ];
    }
  }
}
