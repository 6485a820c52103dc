import type { Cell, CellEmitter, CellTable } from './cell.js';
import { bothSigned, truthLimbs } from './cell.js';
import type { Emitter } from './emitter.js';
import { limbMask } from './nets.js';
import { limbCount } from '../limbs.js';

/** Bitwise, reduction, logical and selection cells. */
export const LOGIC_CELLS: CellTable = {
  $not: unaryBitwise((a) => `~${a}`),
  $pos: unaryBitwise((a) => a),
  $buf: unaryBitwise((a) => a),
  $and: binaryBitwise((a, b) => `${a}&${b}`),
  $or: binaryBitwise((a, b) => `${a}|${b}`),
  $xor: binaryBitwise((a, b) => `${a}^${b}`),
  $xnor: binaryBitwise((a, b) => `~(${a}^${b})`),
  $reduce_and: (cell, emitter) => {
    const width = cell.bits('A').length;
    const limbs = zeroExtended(cell, emitter, 'A').map((a, limb) => `${a}===${String(limbMask(width, limb))}`);
    emitter.define(cell.output, truthLimbs(cell, limbs.join('&&')), true);
  },
  $reduce_or: truth((cell, emitter) => isTrue(cell, emitter, 'A')),
  $reduce_bool: truth((cell, emitter) => isTrue(cell, emitter, 'A')),
  $reduce_xor: truth((cell, emitter) => `${parityOf(cell, emitter)}!==0`),
  $reduce_xnor: truth((cell, emitter) => `${parityOf(cell, emitter)}===0`),
  $logic_not: truth((cell, emitter) => `!(${isTrue(cell, emitter, 'A')})`),
  $logic_and: truth((cell, emitter) => `(${isTrue(cell, emitter, 'A')})&&(${isTrue(cell, emitter, 'B')})`),
  $logic_or: truth((cell, emitter) => `(${isTrue(cell, emitter, 'A')})||(${isTrue(cell, emitter, 'B')})`),
  $eq: equality('==='),
  $ne: equality('!=='),
  // The case equality of two-valued vectors; an x operand makes the result unknown, never equal.
  $eqx: equality('==='),
  $nex: equality('!=='),
  $mux: (cell, emitter) => {
    const limbs = cell.output.limbs;
    const select = emitter.temporary(`0-${emitter.operand(cell.bits('S'), 1, false)[0] ?? '0'}`);
    const whenOne = emitter.operand(cell.bits('B'), limbs, false);
    const whenZero = emitter.operand(cell.bits('A'), limbs, false);
    emitter.define(
      cell.output,
      whenZero.map((a, limb) => choose(emitter, select, whenOne[limb] ?? '0', a)),
      true,
    );
  },
  $pmux: (cell, emitter) => {
    const width = cell.output.width;
    const branches = cell.bits('B');
    let value = emitter.operand(cell.bits('A'), cell.output.limbs, false);
    // At most one select bit is set (Yosys only builds such); the first one wins here.
    for (let index = cell.bits('S').length - 1; index >= 0; index -= 1) {
      const select = emitter.temporary(
        `0-${emitter.operand(cell.bits('S').slice(index, index + 1), 1, false)[0] ?? '0'}`,
      );
      const branch = emitter.operand(branches.slice(index * width, (index + 1) * width), cell.output.limbs, false);
      value = value.map((other, limb) => emitter.temporary(choose(emitter, select, branch[limb] ?? '0', other)));
    }
    emitter.define(cell.output, value, true);
  },
  $bmux: (cell, emitter) => {
    const width = cell.output.width;
    const choices = cell.bits('A');
    const selects = cell.bits('S');
    let level: (readonly string[])[] = [];
    for (let start = 0; start < choices.length; start += width) {
      level.push(emitter.operand(choices.slice(start, start + width), cell.output.limbs, false));
    }
    for (const select of selects) {
      const mask = emitter.temporary(`0-${emitter.operand([select], 1, false)[0] ?? '0'}`);
      level = level.flatMap((whenZero, index) => {
        const whenOne = level[index + 1];
        if (index % 2 === 1 || whenOne === undefined) return [];
        return [whenZero.map((a, limb) => emitter.temporary(choose(emitter, mask, whenOne[limb] ?? '0', a)))];
      });
    }
    emitter.define(cell.output, level[0] ?? [], true);
  },
};

/** `mask` is 0 or all ones: a selection without a branch, which data-dependent selects would mispredict. */
function choose(emitter: Emitter, mask: string, whenOnes: string, whenZero: string): string {
  const a = emitter.temporary(whenZero);
  return `((${whenOnes}^${a})&${mask})^${a}`;
}

function unaryBitwise(expression: (a: string) => string): CellEmitter {
  return (cell, emitter) => {
    const operand = emitter.operand(cell.bits('A'), cell.output.limbs, cell.parameter('A_SIGNED') === 1);
    emitter.define(cell.output, operand.map(expression), false);
  };
}

function binaryBitwise(expression: (a: string, b: string) => string): CellEmitter {
  return (cell, emitter) => {
    const signed = bothSigned(cell);
    const left = emitter.operand(cell.bits('A'), cell.output.limbs, signed);
    const right = emitter.operand(cell.bits('B'), cell.output.limbs, signed);
    emitter.define(
      cell.output,
      left.map((a, limb) => expression(a, right[limb] ?? '0')),
      false,
    );
  };
}

function truth(condition: (cell: Cell, emitter: Emitter) => string): CellEmitter {
  return (cell, emitter) => {
    emitter.define(cell.output, truthLimbs(cell, condition(cell, emitter)), true);
  };
}

function zeroExtended(cell: Cell, emitter: Emitter, port: string): readonly string[] {
  return emitter.operand(cell.bits(port), limbCount(cell.bits(port).length), false);
}

function isTrue(cell: Cell, emitter: Emitter, port: string): string {
  return `(${zeroExtended(cell, emitter, port).join('|')})!==0`;
}

function parityOf(cell: Cell, emitter: Emitter): string {
  return `parity(${zeroExtended(cell, emitter, 'A').join('^')})`;
}

function equality(operator: string): CellEmitter {
  return truth((cell, emitter) => {
    const signed = bothSigned(cell);
    const limbs = limbCount(Math.max(cell.bits('A').length, cell.bits('B').length));
    const left = emitter.operand(cell.bits('A'), limbs, signed);
    const right = emitter.operand(cell.bits('B'), limbs, signed);
    return `(${left.map((a, limb) => `(${a}^${right[limb] ?? '0'})`).join('|')})${operator}0`;
  });
}
