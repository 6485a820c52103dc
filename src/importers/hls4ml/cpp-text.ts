import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';

/**
 * The C++ that hls4ml writes, taken apart as far as a network needs. It comes from templates (`hls4ml/backends/vivado/passes`,
 * `hls4ml/templates/vivado`, releases 0.6 to 1.3), so that patterns are enough: this is no parser of C++.
 */

/** `typedef TYPE name;` outside structures. */
export function readTypedefs(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, type = '', name = ''] of withoutComments(text).matchAll(/^\s*typedef\s+(.+?)\s+(\w+)\s*;/gmu)) {
    found.set(name, type);
  }
  return found;
}

/** `#define NAME VALUE`: sizes, in projects of releases before 1.0. */
export function readDefines(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^[ \t]*#define[ \t]+(\w+)[ \t]+([^\n]+)$/gmu)) {
    found.set(name, value.replace(/\/\/.*$/u, '').trim());
  }
  return found;
}

/** One `struct configN : nnet::dense_config { … };`. */
export interface ConfigStruct {
  readonly name: string;
  /** `dense_config`; empty where there is no base. */
  readonly base: string;
  /** Expressions of `static const`, aliases of `typedef` and of templates (`product`: `nnet::product::mult`). */
  readonly members: ReadonlyMap<string, string>;
}

export function readStructs(text: string): ReadonlyMap<string, ConfigStruct> {
  const found = new Map<string, ConfigStruct>();
  const source = withoutComments(text);
  for (const match of source.matchAll(/\bstruct\s+(\w+)\s*(?::\s*(?:nnet::)?(\w+)\s*)?\{([^{}]*)\}\s*;/gu)) {
    const [, name = '', base = '', body = ''] = match;
    const members = new Map<string, string>();
    for (const [, key = '', value = ''] of body.matchAll(/static\s+const\s+[\w:]+\s+(\w+)\s*=\s*([^;]+);/gu)) {
      members.set(key, value.trim());
    }
    for (const [, type = '', key = ''] of body.matchAll(/typedef\s+([^;]+?)\s+(\w+)\s*;/gu)) members.set(key, type);
    for (const [, key = '', value = ''] of body.matchAll(/using\s+(\w+)\s*=\s*([\w:]+)\s*</gu)) members.set(key, value);
    found.set(name, { name, base, members });
  }
  return found;
}

/** `unsigned NAME[3] = {2,0,1};`: the permutations of transpositions. */
export function readArrays(text: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const [, name = '', list = ''] of withoutComments(text).matchAll(
    /\bunsigned\s+(?:int\s+)?(\w+)\s*\[[^\]]*\]\s*=\s*\{([^{}]*)\}\s*;/gu,
  )) {
    found.set(name, list.split(',').map(Number));
  }
  return found;
}

/** One `nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // hidden`. */
export interface LayerCall {
  readonly function: string;
  readonly templates: readonly string[];
  readonly operands: readonly string[];
  /** What the comment says; empty where there is none. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

export interface Variable {
  readonly name: string;
  /** A name of defines.h. */
  readonly type: string;
  /** Of an array `x[6*5*2]`; undefined for a stream. */
  readonly size: string | undefined;
}

/** The function of the network in `firmware/<project>.cpp`. */
export interface TopFunction {
  readonly parameters: readonly Variable[];
  readonly variables: readonly Variable[];
  /** Another name, and what it stands for. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly calls: readonly LayerCall[];
  /** Arrays that are read from text files: name and type. */
  readonly weights: ReadonlyMap<string, { readonly type: string; readonly file: string }>;
}

export function readTop(text: string, top: string, file: string): TopFunction {
  const weights = new Map<string, { readonly type: string; readonly file: string }>();
  for (const [, type = '', name = '', source = ''] of text.matchAll(
    /load_(?:compressed_|exponent_)?weights_from_txt<\s*(\w+)\s*,[^>]*>\(\s*(\w+)\s*,\s*"([^"]+)"\s*\)/gu,
  )) {
    weights.set(name, { type, file: source });
  }
  // What only the C simulation does: loading, and keeping copies of tensors.
  const body = blanked(text, /#ifndef __SYNTHESIS__[\s\S]*?#endif/gu);
  const source = blanked(body, /\/\*[\s\S]*?\*\//gu);
  const signature = new RegExp(`\\bvoid\\s+${top}\\s*\\(([^)]*)\\)\\s*\\{`, 'u').exec(source);
  if (signature === null) fail(hls4mlCodes.malformed, `there is no function ${printable(top)}`, { model: file });
  const start = signature.index + signature[0].length;
  const code = `${source.slice(0, start).replace(/[^\n]/gu, ' ')}${source.slice(start)}`;
  return {
    parameters: splitTopLevel(signature[1] ?? '').map((one) => variableOf(one, file)),
    variables: [...readVariables(withoutComments(code))],
    aliases: new Map(
      [...code.matchAll(/\bauto\s*&\s*(\w+)\s*=\s*(\w+)\s*;/gu)].map(([, name = '', of = '']) => [name, of]),
    ),
    calls: readCalls(code),
    weights,
  };
}

function readCalls(code: string): readonly LayerCall[] {
  const calls: LayerCall[] = [];
  const pattern = /^[ \t]*nnet::(\w+)\s*(?:<([^;]*?)>)?\s*\(([^;()]*)\)\s*;[ \t]*(?:\/\/[ \t]*([^\n]*))?/gmu;
  for (const match of code.matchAll(pattern)) {
    const [whole, name = '', templates = '', operands = '', comment = ''] = match;
    const before = code.slice(0, match.index + whole.search(/\S/u));
    calls.push({
      function: name,
      templates: splitTopLevel(templates),
      operands: splitTopLevel(operands),
      name: comment.trim(),
      line: before.split('\n').length,
    });
  }
  return calls;
}

function* readVariables(code: string): Generator<Variable> {
  const stream = /^[ \t]*hls::stream<\s*(\w+)\s*>\s+(\w+)\s*(?:\([^;]*\))?\s*;/gmu;
  for (const [, type = '', name = ''] of code.matchAll(stream)) yield { name, type, size: undefined };
  const array = /^[ \t]*(\w+)\s+(\w+)\s*\[([^\]]*)\]\s*;/gmu;
  for (const [, type = '', name = '', size = ''] of code.matchAll(array)) yield { name, type, size };
}

function variableOf(text: string, file: string): Variable {
  const clean = withoutComments(text).trim();
  const stream = /^hls::stream<\s*(\w+)\s*>\s*&\s*(\w+)$/u.exec(clean);
  if (stream !== null) return { name: stream[2] ?? '', type: stream[1] ?? '', size: undefined };
  const array = /^(?:const\s+)?(\w+)\s+(\w+)\s*\[([^\]]*)\]$/u.exec(clean);
  if (array !== null) return { name: array[2] ?? '', type: array[1] ?? '', size: array[3] ?? '' };
  return fail(hls4mlCodes.malformed, `'${printable(clean)}' is no port of a network`, { model: file });
}

/** Parts between commas that no bracket encloses. */
export function splitTopLevel(text: string): readonly string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let index = 0; index <= text.length; index += 1) {
    const character = text.charAt(index);
    if ('<([{'.includes(character) && character !== '') depth += 1;
    else if ('>)]}'.includes(character) && character !== '') depth -= 1;
    else if (index === text.length || (character === ',' && depth === 0)) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return parts.filter((part) => part !== '');
}

/** Spaces in place of what matches, so that lines keep their numbers. */
function blanked(text: string, pattern: RegExp): string {
  return text.replace(pattern, (match) => match.replace(/[^\n]/gu, ' '));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//gu, ' ').replace(/\/\/[^\n]*/gu, '');
}
