import { at } from '../../../support/invariant.js';
import type { Expression } from './expressions.js';
import type { LoopNest } from './loop-nest.js';
import { loopNest } from './loop-nest.js';

/** `name[map[position]] = value` for every position. */
export function assign(name: string, value: Expression, map: Int32Array): string[] {
  return loops(value, map, (index, text) => `${name}[${index}] = ${withoutOuter(text)};`);
}

/** Loops over all positions: the statement is given the index of its target and the text of the value. */
export function loops(
  value: Expression,
  target: Int32Array,
  statement: (index: string, text: string) => string,
): string[] {
  const maps = [target, ...value.accesses.map(({ map }) => map)];
  const nest = loopNest(target.length, maps);
  const lists: string[] = [];
  const indices = nest.indices.map((index, access) => {
    if (index !== undefined) return index;
    const list = `index_${access}`;
    lists.push(`static const int ${list}[${target.length}] = {${Array.from(at(maps, access)).join(', ')}};`);
    return `${list}[${nest.position}]`;
  });
  const texts = value.accesses.map(({ print }, access) => print(at(indices, access + 1)));
  const body = wrapLoops(nest, statement(at(indices, 0), value.print(texts)));
  // A list is named within its own braces, so that two nests of one function may each have theirs.
  return lists.length === 0
    ? body
    : ['{', ...[...lists, ...body].map((line) => (line.startsWith('#') ? line : `    ${line}`)), '}'];
}

function wrapLoops({ loops: nest }: LoopNest, statement: string): string[] {
  const lines: string[] = [];
  for (const [level, { variable, extent }] of nest.entries()) {
    lines.push(`${'    '.repeat(level)}for (int ${variable} = 0; ${variable} < ${extent}; ${variable}++) {`);
    lines.push('#pragma HLS UNROLL');
  }
  lines.push(`${'    '.repeat(nest.length)}${statement}`);
  for (let level = nest.length - 1; level >= 0; level--) lines.push(`${'    '.repeat(level)}}`);
  return lines;
}

export function range(start: number, end: number): Int32Array {
  return Int32Array.from({ length: end - start }, (_, index) => start + index);
}

/** The text without parentheses that hold all of it. */
function withoutOuter(text: string): string {
  if (!text.startsWith('(')) return text;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')') depth--;
    if (depth === 0) return index === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}
