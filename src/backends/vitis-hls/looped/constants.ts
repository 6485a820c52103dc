import { at } from '../../../support/invariant.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { point } from '../../../numeric/interval.js';
import { cppType, integerLiteral, integerType, literalLines } from '../cpp-types.js';
import { commonType } from './tensor-types.js';
import type { ConstantElements } from './views.js';

/** Something that no standard integer can hold. */
export class WideConstantError extends Error {
  public override readonly name = 'WideConstantError';
}

/** Arrays of integer codes, written once each into the namespace of the weights. */
export class ConstantArrays {
  private readonly entries = new Map<string, string>();
  private readonly declarations: string[] = [];

  public constructor(private readonly fresh: (suggestion: string) => string) {}

  /** The qualified name of an array that holds these codes; the same one for the same codes. */
  public codes(codes: readonly bigint[], suggestion: string, comment = ''): string {
    const key = codes.join();
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const integer = integerType(codes);
    if (integer === undefined) throw new WideConstantError(`a constant of '${suggestion}' has more than 64 bits`);
    const name = this.fresh(suggestion);
    const values = literalLines(codes.map(integerLiteral));
    const line = comment === '' ? '' : `// ${comment}\n`;
    this.declarations.push(`${line}static const ${integer} ${name}[${codes.length}] = {\n${values},\n};`);
    const qualified = `weights::${name}`;
    this.entries.set(key, qualified);
    return qualified;
  }

  public text(): string {
    return this.declarations.join('\n\n');
  }
}

/** The narrowest type of an array of constants. */
export function constantType(elements: ConstantElements): string {
  return cppType(constantFormat(elements));
}

export function constantFormat({ lsb, codes }: ConstantElements): FixedPointType {
  return commonType({ lsb, ranges: codes.map(point) });
}

/** One constant, exactly: an integer code in the type that it needs. */
export function constantLiteral({ lsb, codes }: ConstantElements, element: number): string {
  const code = at(codes, element);
  if (code === 0n) return 'ap_ufixed<1, 1>(0)';
  if (integerType([code]) === undefined) throw new WideConstantError('a constant has more than 64 bits');
  return `trigc::from_code<${constantType({ lsb, codes: [code] })}>(${integerLiteral(code)})`;
}
