/** A small reader of value change dumps, after the grammar of IEEE 1364-2005, 18.2; shares nothing with the writer. */

export interface VcdDump {
  readonly timescale: string;
  readonly comment: string;
  /** Names with their scopes, `top.unit.signal`, in the order of the file. */
  readonly names: readonly string[];
  readonly times: readonly number[];
  widthOf(name: string): number;
  /** The bits at a time, the most significant first. */
  bitsAt(name: string, time: number): string;
}

interface Change {
  readonly time: number;
  readonly bits: string;
}

/** Throws for whatever is not in the grammar, or is used before it is declared. */
export function parseVcd(text: string): VcdDump {
  const tokens = text.split(/\s+/u).filter((token) => token !== '');
  const scopes: string[] = [];
  const variables = new Map<string, { readonly code: string; readonly width: number }>();
  const changes = new Map<string, Change[]>();
  const widths = new Map<string, number>();
  const times: number[] = [];
  let [timescale, comment] = ['', ''];
  let position = 0;
  const next = (): string => {
    const token = tokens[position++];
    if (token === undefined) throw new Error('the dump ends within a command');
    return token;
  };
  const toEnd = (): readonly string[] => {
    const words: string[] = [];
    for (let word = next(); word !== '$end'; word = next()) words.push(word);
    return words;
  };
  for (let header = true; header;) {
    const command = next();
    const words = toEnd();
    if (command === '$timescale') timescale = words.join('');
    else if (command === '$comment') comment = words.join(' ');
    else if (command === '$scope') scopes.push(words[1] ?? '');
    else if (command === '$upscope') scopes.pop();
    else if (command === '$enddefinitions') header = false;
    else if (command === '$var') {
      const [, width = '', code = '', name = ''] = words;
      const path = [...scopes, name].join('.');
      if (variables.has(path)) throw new Error(`${path} is declared twice`);
      const declared = widths.get(code) ?? Number(width);
      if (declared !== Number(width)) throw new Error(`${path} is as wide as no other of its code`);
      variables.set(path, { code, width: declared });
      widths.set(code, declared);
      changes.set(code, []);
    } else if (command !== '$version') throw new Error(`unknown command ${command}`);
  }
  if (scopes.length > 0) throw new Error('a scope is left open');
  const change = (code: string, value: string): void => {
    const [width, list, time] = [widths.get(code), changes.get(code), times.at(-1)];
    if (width === undefined || list === undefined) throw new Error(`code ${code} is not declared`);
    if (time === undefined) throw new Error('a change before the first time');
    if (value.length > width) throw new Error(`${value} is wider than ${width} bits`);
    const fill = value.startsWith('x') || value.startsWith('z') ? value.slice(0, 1) : '0';
    list.push({ time, bits: value.padStart(width, fill) });
  };
  while (position < tokens.length) {
    const token = next();
    if (token.startsWith('#')) {
      const time = Number(token.slice(1));
      if (!(time > (times.at(-1) ?? -1))) throw new Error(`time ${token} does not rise`);
      times.push(time);
    } else if (/^b[01xz]+$/u.test(token)) change(next(), token.slice(1));
    else if (/^[01xz]./u.test(token)) change(token.slice(1), token.slice(0, 1));
    else if (token !== '$dumpvars' && token !== '$end') throw new Error(`unknown token ${token}`);
  }
  const variable = (name: string): { readonly code: string; readonly width: number } => {
    const found = variables.get(name);
    if (found === undefined) throw new Error(`no signal ${name}`);
    return found;
  };
  return {
    timescale,
    comment,
    names: [...variables.keys()],
    times,
    widthOf: (name) => variable(name).width,
    bitsAt: (name, time) => {
      const last = changes.get(variable(name).code)?.findLast((candidate) => candidate.time <= time);
      if (last === undefined) throw new Error(`${name} has no value at ${time}`);
      return last.bits;
    },
  };
}
