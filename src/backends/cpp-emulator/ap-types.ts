import type { FixedPointType } from '../../numeric/fixed-point.js';
import { printType, sameType } from '../../numeric/fixed-point.js';
import { wordsOf } from './words.js';

/** A port of the program, inputs and outputs alike. */
export interface TypedPort {
  readonly name: string;
  readonly types: readonly FixedPointType[];
}

/** Widest element whose bits the vendor's `range` gives without a type that is wider than its limits. */
const MAXIMUM_PORT_WIDTH = 1024;

/** Why no vendor type can stand for a port; undefined where one can. */
export function whyNoVendorType({ types, name }: TypedPort): string | undefined {
  const [first] = types;
  if (first === undefined) return `${name} has no elements`;
  if (!types.every((type) => sameType(type, first)))
    return `the elements of ${name} differ in type, and an array has one`;
  return first.width > MAXIMUM_PORT_WIDTH ? `${name} is ${first.width} bits wide` : undefined;
}

/** The C++ types that are accepted for the inputs, for people. */
export function inputMeaning(ports: readonly TypedPort[], vendor: boolean): string {
  const parts = ports.map(({ types: [type] }) => (type === undefined ? '' : `${printType(type)} *`));
  const accepted = parts.length === 1 ? (parts[0] ?? '') : `std::tuple<${parts.join(', ')}>`;
  return `prepare_input takes ${vendor ? `${accepted} (built with AP_TYPES) or ` : ''}const std::int64_t * to codes`;
}

export function resultMeaning(ports: readonly TypedPort[], vendor: boolean): string {
  return `read_result takes ${vendor ? `${resultForms(ports).join(' or ')} (built with AP_TYPES), or ` : ''}std::int64_t * to codes`;
}

function resultForms(ports: readonly TypedPort[]): readonly string[] {
  const elements = ports.map(({ types }) => ({ type: printed(types), count: types.length }));
  const [first, second] = elements;
  if (first === undefined) return [];
  if (second === undefined) return [`${first.type} *`];
  if (elements.length === 2 && second.count === 1)
    return [`std::pair<std::array<${first.type}, ${first.count}>, ${second.type}> *`];
  return [`std::tuple<${elements.map(({ type, count }) => `std::array<${type}, ${count}>`).join(', ')}> *`];
}

function printed([type]: readonly FixedPointType[]): string {
  return type === undefined ? '' : printType(type);
}

/**
 * `read_ap_types` and `write_ap_types`: the codes of what a `std::any` points to. One port is a pointer to its first
 * element or to a `std::array`; two outputs of which the second is one number are a pointer to a pair, which is what
 * AXOL1TL gives CMSSW; other ports are tuples of pointers (inputs) or a pointer to a tuple of arrays (outputs). The
 * element types of several ports share their modes, save those of a pair.
 */
export function apTypesText(inputs: readonly TypedPort[], outputs: readonly TypedPort[]): string {
  return `${readText(inputs)}\n\n${writeText(outputs)}`;
}

function readText(ports: readonly TypedPort[]): string {
  const copies = copyLines(ports, (port, element) => `values${port}[${element}]`, 'store');
  const pointers = ports.map((port) => `const ${modeType(port, 'mode')} *`);
  const unpack =
    ports.length === 1
      ? pointerCases(pointers[0] ?? '', ports[0]?.types.length ?? 0)
      : tupleCases(pointers.map((pointer) => pointer.replace(/^const /u, '')));
  return [
    'static inline bool read_ap_types(const std::any &input, std::int64_t *words) {',
    '  return any_mode([&](auto mode) {',
    '    using mode_type = decltype(mode);',
    ...unpack.map((line) => `    ${line}`),
    ...copies.map((line) => `    ${line}`),
    '    return true;',
    '  });',
    '}',
  ].join('\n');
}

/** `values0` points to the elements of the only port. */
function pointerCases(pointer: string, count: number): readonly string[] {
  const plain = pointer.replace(/^const /u, '').replace(/ \*$/u, '');
  return [
    `using value_type = ${plain};`,
    'const value_type *values0 = nullptr;',
    'if (auto *pointer = std::any_cast<value_type *>(&input)) values0 = *pointer;',
    'else if (auto *constant = std::any_cast<const value_type *>(&input)) values0 = *constant;',
    `else if (auto *array = std::any_cast<std::array<value_type, ${count}> *>(&input)) values0 = (*array)->data();`,
    'if (values0 == nullptr) return false;',
  ];
}

function tupleCases(pointers: readonly string[]): readonly string[] {
  return [
    `const auto *tuple = std::any_cast<std::tuple<${pointers.join(', ')}>>(&input);`,
    'if (tuple == nullptr) return false;',
    ...pointers.map((_, port) => `const auto *values${port} = std::get<${port}>(*tuple);`),
  ];
}

function writeText(ports: readonly TypedPort[]): string {
  const [first, second] = ports;
  const body = ((): readonly string[] => {
    if (first === undefined) return ['(void)words;', '(void)result;', 'return false;'];
    const copies = copyLines(ports, (port, element) => `values${port}[${element}]`, 'load');
    if (second === undefined) {
      return [
        'return any_mode([&](auto mode) {',
        '  using mode_type = decltype(mode);',
        `  using value_type = ${modeType(first, 'mode')};`,
        '  value_type *values0 = nullptr;',
        '  if (auto *pointer = std::any_cast<value_type *>(&result)) values0 = *pointer;',
        `  else if (auto *array = std::any_cast<std::array<value_type, ${first.types.length}> *>(&result)) values0 = (*array)->data();`,
        '  if (values0 == nullptr) return false;',
        ...copies.map((line) => `  ${line}`),
        '  return true;',
        '});',
      ];
    }
    if (ports.length === 2 && second.types.length === 1) {
      return [
        'return any_mode([&](auto mode) {',
        '  using mode_type = decltype(mode);',
        `  using array_type = std::array<${modeType(first, 'mode')}, ${first.types.length}>;`,
        '  return any_mode([&](auto score_mode) {',
        '    using score_mode_type = decltype(score_mode);',
        `    using pair_type = std::pair<array_type, ${modeType(second, 'score_mode')}>;`,
        '    auto *pair = std::any_cast<pair_type *>(&result);',
        '    if (pair == nullptr) return false;',
        '    auto *values0 = (*pair)->first.data();',
        '    auto *values1 = &(*pair)->second;',
        ...copies.map((line) => `    ${line}`),
        '    return true;',
        '  });',
        '});',
      ];
    }
    const arrays = ports.map((port) => `std::array<${modeType(port, 'mode')}, ${port.types.length}>`);
    return [
      'return any_mode([&](auto mode) {',
      '  using mode_type = decltype(mode);',
      `  auto *tuple = std::any_cast<std::tuple<${arrays.join(', ')}> *>(&result);`,
      '  if (tuple == nullptr) return false;',
      ...ports.map((_, port) => `  auto *values${port} = std::get<${port}>(**tuple).data();`),
      ...copies.map((line) => `  ${line}`),
      '  return true;',
      '});',
    ];
  })();
  return [
    'static inline bool write_ap_types(const std::int64_t *words, const std::any &result) {',
    ...body.map((line) => `  ${line}`),
    '}',
  ].join('\n');
}

function modeType({ types: [type] }: TypedPort, mode: string): string {
  if (type === undefined) return 'void';
  return `typename ${mode}_type::template ${type.signed ? 'Signed' : 'Unsigned'}<${type.width}, ${type.integer}>`;
}

/** Loops over the elements of each port, and the words of each element. */
function copyLines(
  ports: readonly TypedPort[],
  value: (port: number, element: string) => string,
  direction: 'store' | 'load',
): readonly string[] {
  let word = 0;
  return ports.flatMap(({ types }, port) => {
    const [type] = types;
    if (type === undefined) return [];
    const words = wordsOf(type);
    const place = `words + ${word} + ${words} * element`;
    word += words * types.length;
    const element = value(port, 'element');
    const call =
      direction === 'store'
        ? `store_code(${element}, ${String(type.signed)}, ${place})`
        : `load_code(${place}, ${element})`;
    return [`for (std::size_t element = 0; element < ${types.length}; element++) ${call};`];
  });
}
