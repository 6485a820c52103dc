/**
 * The value syntax of the text forms of the IRs: bare words and integers, quoted strings, lists. A run of equal
 * elements in a list is written once, as `value * count`, because weights and types repeat.
 */
export type TextTree = TextAtom | TextString | readonly TextTree[];
export interface TextAtom {
  readonly word: string;
}
export interface TextString {
  readonly text: string;
}

export class TextSyntaxError extends Error {
  public override readonly name = 'TextSyntaxError';
}

export function word(value: string | number | bigint | boolean): TextAtom {
  return { word: String(value) };
}

export function isList(tree: TextTree): tree is readonly TextTree[] {
  return Array.isArray(tree);
}

export function printTree(tree: TextTree): string {
  if (isList(tree)) return `[${printElements(tree)}]`;
  return 'word' in tree ? tree.word : quote(tree.text);
}

/** JSON, with the characters escaped too that would let a hostile name reorder or break the line it is shown in. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function printElements(list: readonly TextTree[]): string {
  const parts: string[] = [];
  let previous = '';
  let count = 0;
  const flush = (): void => {
    if (count > 0) parts.push(count === 1 ? previous : `${previous} * ${count}`);
  };
  for (const element of list) {
    const text = printTree(element);
    if (text === previous && count > 0) {
      count++;
    } else {
      flush();
      previous = text;
      count = 1;
    }
  }
  flush();
  return parts.join(', ');
}

const MAXIMUM_RUN = 10_000_000;
const MAXIMUM_DEPTH = 16;

/** Cursor over one text; words are runs of letters, digits and `_ . - + < > , :` inside angle brackets. */
export class TextCursor {
  private position = 0;

  public constructor(private readonly source: string) {}

  public get line(): number {
    return this.source.slice(0, this.position).split('\n').length;
  }

  public fail(message: string): never {
    throw new TextSyntaxError(`line ${this.line}: ${message}`);
  }

  public skipSpace(): void {
    for (;;) {
      const character = this.source.charCodeAt(this.position);
      if (character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09) this.position++;
      else if (this.source.startsWith('//', this.position)) {
        const end = this.source.indexOf('\n', this.position);
        this.position = end < 0 ? this.source.length : end;
      } else return;
    }
  }

  public get atEnd(): boolean {
    this.skipSpace();
    return this.position >= this.source.length;
  }

  public peek(literal: string): boolean {
    this.skipSpace();
    return this.source.startsWith(literal, this.position);
  }

  public accept(literal: string): boolean {
    if (!this.peek(literal)) return false;
    this.position += literal.length;
    return true;
  }

  public expect(literal: string): void {
    if (!this.accept(literal)) this.fail(`expected '${literal}' before '${this.rest()}'`);
  }

  private rest(): string {
    return this.source.slice(this.position, this.position + 24).replace(/\s+/gu, ' ');
  }

  /** A word such as `add`, `-12`, `ap_fixed<16,6>`. */
  public word(): string {
    this.skipSpace();
    const pattern = /[\w.+-]+(?:<[^<>\n]*>)?/uy;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match === null) return this.fail(`expected a word before '${this.rest()}'`);
    this.position = pattern.lastIndex;
    return match[0];
  }

  public integer(): number {
    const text = this.word();
    if (!/^-?\d+$/u.test(text)) this.fail(`'${text}' is not an integer`);
    return Number(text);
  }

  public string(): string {
    this.skipSpace();
    const pattern = /"(?:[^"\\\n]|\\.)*"/uy;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match === null) return this.fail(`expected a quoted string before '${this.rest()}'`);
    this.position = pattern.lastIndex;
    try {
      return JSON.parse(match[0]) as string;
    } catch {
      return this.fail('a quoted string has an escape that JSON does not know');
    }
  }

  public tree(): TextTree {
    return this.nested(0).tree;
  }

  /** `size` counts the atoms with their runs written out: a short text must not stand for an absurdly large list. */
  private nested(depth: number): { readonly tree: TextTree; readonly size: number } {
    if (depth > MAXIMUM_DEPTH) this.fail('lists are nested too deeply');
    if (this.accept('[')) {
      const list: TextTree[] = [];
      let size = 0;
      while (!this.accept(']')) {
        const { tree: element, size: elementSize } = this.nested(depth + 1);
        const count = this.accept('*') ? this.integer() : 1;
        size += count * elementSize;
        if (count < 1 || size > MAXIMUM_RUN) this.fail(`a run of ${count} elements`);
        for (let index = 0; index < count; index++) list.push(element);
        if (!this.peek(']')) this.expect(',');
      }
      return { tree: list, size: Math.max(1, size) };
    }
    if (this.peek('"')) return { tree: { text: this.string() }, size: 1 };
    return { tree: { word: this.word() }, size: 1 };
  }
}
