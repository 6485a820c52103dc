import { invariant } from './invariant.js';
import { reservedWords } from './reserved-words.js';

/** Longest identifier that we emit: readable, and far below every tool's limit. */
export const MAXIMUM_NAME_LENGTH = 64;

/** Identifiers in plain ASCII that Verilog-2005, VHDL-93 and C++ all accept, keywords aside. */
const legalPattern = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/u;

/** FNV-1a over UTF-16 code units, as 8 hexadecimal digits. Telling names apart is its only purpose. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Letters, digits and single inner underscores of `original`, with a letter first; `n` where nothing is left. */
function sanitise(original: string): string {
  const clean = original
    .replace(/[^A-Za-z0-9]+/gu, '_')
    .replace(/^_+/u, '')
    .replace(/_+$/u, '');
  if (clean === '') return 'n';
  return /^[0-9]/u.test(clean) || reservedWords.has(clean.toLowerCase()) ? `n_${clean}` : clean;
}

function withSuffix(base: string, suffix: string): string {
  const head = base.slice(0, MAXIMUM_NAME_LENGTH - suffix.length - 1).replace(/_+$/u, '');
  return `${head}_${suffix}`;
}

export function isLegalName(name: string): boolean {
  return name.length <= MAXIMUM_NAME_LENGTH && legalPattern.test(name) && !reservedWords.has(name.toLowerCase());
}

/** Longest prefix that leaves room for the names behind it. */
export const MAXIMUM_PREFIX_LENGTH = 32;

/** Whether names stay legal with `prefix` before them; it may end in an underscore. */
export function isLegalPrefix(prefix: string): boolean {
  return prefix.length <= MAXIMUM_PREFIX_LENGTH && legalPattern.test(prefix.replace(/_$/u, ''));
}

/**
 * A map from names that we do not control (ONNX allows any text) to identifiers that are legal in Verilog-2005, VHDL
 * and C++, and unique even where case is ignored. A legal name that is free is kept; otherwise what can be kept is kept
 * and a hash of the original is appended where that is taken or too long. The map depends on nothing but the names and
 * the order in which they are asked for.
 */
export class NameTable {
  private readonly byOriginal = new Map<string, string>();
  /** In lower case. */
  private readonly taken = new Set<string>();
  /** Next number to try for a base, so that many names with one base stay linear. */
  private readonly counters = new Map<string, number>();

  /** `reserved` are names that the generated code uses itself, such as `clk`. */
  public constructor(reserved: Iterable<string> = []) {
    for (const name of reserved) this.taken.add(name.toLowerCase());
  }

  /** The identifier of `original`: always the same one for the same text. */
  public legal(original: string): string {
    const known = this.byOriginal.get(original);
    if (known !== undefined) return known;
    const base = sanitise(original);
    let name = base;
    if (base.length > MAXIMUM_NAME_LENGTH || this.taken.has(base.toLowerCase())) {
      name = withSuffix(base, shortHash(original));
    }
    name = this.claim(name);
    this.byOriginal.set(original, name);
    return name;
  }

  /** A fresh identifier for something that has no name of its own; `suggestion` may be any text. */
  public fresh(suggestion: string): string {
    return this.claim(sanitise(suggestion).slice(0, MAXIMUM_NAME_LENGTH).replace(/_+$/u, ''));
  }

  /** Every original and its identifier, in the order in which they were asked for. */
  public entries(): readonly (readonly [original: string, legal: string])[] {
    return [...this.byOriginal];
  }

  private claim(base: string): string {
    const key = base.toLowerCase();
    let name = base;
    let number = this.counters.get(key) ?? 1;
    while (this.taken.has(name.toLowerCase())) name = withSuffix(base, String(++number));
    if (number > 1) this.counters.set(key, number);
    invariant(isLegalName(name), `'${name}' is not a legal identifier`);
    this.taken.add(name.toLowerCase());
    return name;
  }
}

/** Tools obey comments that begin with these words (`// synopsys translate_off`, `// verilator lint_off`). */
const directivePattern =
  /^\s*(?=(?:synopsys|synthesis|rtl_synthesis|pragma|verilator|vivado|xilinx|cadence|ambit|exemplar|altera|quartus|coverage|lint|psl|vhdl_comp|translate)\w*)/iu;
const pragmaPattern = /\b(translate|lint|full|parallel|black|coverage|tracing|public)_(?=[a-z])/giu;

/**
 * Foreign text for the inside of a `//` or `--` comment of Verilog, VHDL, C++ or Tcl: one line of printable ASCII,
 * nothing that ends a block comment, continues the line, expands a macro or reads as a tool directive.
 */
export function commentText(text: string, maximumLength = 100): string {
  const line = text
    .slice(0, maximumLength + 1)
    .replace(/[^\x20-\x7e]/gu, '.')
    .replace(/\\/gu, '/')
    .replace(/`/gu, "'")
    .replace(/\*(?=\/)/gu, '* ')
    .replace(/\/(?=\*)/gu, '/ ')
    // Trigraphs: ??/ is a backslash to a C++ compiler of 2014.
    .replace(/\?(?=\?)/gu, '? ')
    .replace(pragmaPattern, '$1-')
    .replace(directivePattern, "'")
    .trim();
  return line.length > maximumLength ? `${line.slice(0, maximumLength - 3)}...` : line;
}
