import { lsbExponent, printType, sameType } from '../../numeric/fixed-point.js';
import type { PassedPort } from './passed-types.js';
import { wordsOf } from './words.js';

/** Widest element whose bits the vendor's `range` gives without a type that is wider than its limits. */
const MAXIMUM_PORT_WIDTH = 1024;
/** Widest code that is moved from one binary point to another. */
const MAXIMUM_MOVED_WIDTH = 63;

/** Why no vendor type can stand for a port; undefined where one can. */
export function whyNoVendorType(port: PassedPort): string | undefined {
  const { types, name, passed } = port;
  if (types.length === 0) return `${name} has no elements`;
  const widest = Math.max(passed.width, ...types.map(({ width }) => width));
  if (isMoved(port) && widest > MAXIMUM_MOVED_WIDTH) {
    return `the elements of ${name} differ in type, and ${widest} bits are more than ${MAXIMUM_MOVED_WIDTH}`;
  }
  return widest > MAXIMUM_PORT_WIDTH ? `${name} is ${widest} bits wide` : undefined;
}

/** Whether codes change on the way between what is passed and the elements. */
function isMoved({ types, passed }: PassedPort): boolean {
  return !types.every((type) => sameType(type, passed));
}

/** The C++ types that are accepted for the inputs, for people. */
export function inputMeaning(ports: readonly PassedPort[], vendor: boolean): string {
  const parts = ports.map(({ passed }) => `${printType(passed)} *`);
  const accepted = parts.length === 1 ? (parts[0] ?? '') : `std::tuple<${parts.join(', ')}>`;
  return `prepare_input takes ${vendor ? `${accepted} (built with AP_TYPES) or ` : ''}const std::int64_t * to codes`;
}

export function resultMeaning(ports: readonly PassedPort[], vendor: boolean): string {
  return `read_result takes ${vendor ? `${resultForms(ports).join(' or ')} (built with AP_TYPES), or ` : ''}std::int64_t * to codes`;
}

function resultForms(ports: readonly PassedPort[]): readonly string[] {
  const elements = ports.map(({ types, passed }) => ({ type: printType(passed), count: types.length }));
  const [first, second] = elements;
  if (first === undefined) return [];
  if (second === undefined) return [`${first.type} *`];
  if (elements.length === 2 && second.count === 1)
    return [`std::pair<std::array<${first.type}, ${first.count}>, ${second.type}> *`];
  return [`std::tuple<${elements.map(({ type, count }) => `std::array<${type}, ${count}>`).join(', ')}> *`];
}

/**
 * `read_ap_types` and `write_ap_types`: the codes of what a `std::any` points to. One port is a pointer to its first
 * element or to a `std::array`; two outputs of which the second is one number are a pointer to a pair, which is what
 * AXOL1TL gives CMSSW; other ports are tuples of pointers (inputs) or a pointer to a tuple of arrays (outputs). The
 * element types of several ports share their modes, save those of a pair.
 */
export function apTypesText(inputs: readonly PassedPort[], outputs: readonly PassedPort[]): string {
  const tables = [...gridTables(inputs, 'Input'), ...gridTables(outputs, 'Output')];
  return [...tables, readText(inputs), '', writeText(outputs)].join('\n');
}

function readText(ports: readonly PassedPort[]): string {
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

function writeText(ports: readonly PassedPort[]): string {
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

function modeType({ passed }: PassedPort, mode: string): string {
  return `typename ${mode}_type::template ${passed.signed ? 'Signed' : 'Unsigned'}<${passed.width}, ${passed.integer}>`;
}

/** By element of a port whose codes are moved: by how many places, and what its type allows. */
function gridTables(ports: readonly PassedPort[], side: 'Input' | 'Output'): readonly string[] {
  return ports.flatMap((port, index) => {
    if (!isMoved(port)) return [];
    const rows = port.types.map((type) => {
      const places = lsbExponent(port.passed) - lsbExponent(type);
      return `    {${side === 'Input' ? places : -places}, ${type.width}, ${String(type.signed)}},`;
    });
    return [`static constexpr Grid k${side}${index}[] = {`, ...rows, '};', ''];
  });
}

/** Loops over the elements of each port, and the words of each element. */
function copyLines(
  ports: readonly PassedPort[],
  value: (port: number, element: string) => string,
  direction: 'store' | 'load',
): readonly string[] {
  let word = 0;
  return ports.flatMap((port, index) => {
    const { types, passed } = port;
    const words = isMoved(port) ? 1 : wordsOf(passed);
    const place = `words + ${word} + ${words} * element`;
    word += words * types.length;
    const element = value(index, 'element');
    const arguments_ =
      direction === 'store'
        ? `${element}, ${String(passed.signed)}, ${isMoved(port) ? `kInput${index}[element], ` : ''}${place}`
        : `${isMoved(port) ? `kOutput${index}[element], ` : ''}${place}, ${element}`;
    return [`for (std::size_t element = 0; element < ${types.length}; element++) ${direction}_code(${arguments_});`];
  });
}

/** The modes that are accepted: the usual ones, and what is declared. */
export function acceptedModes(ports: readonly PassedPort[]): string {
  const declared = ports.flatMap(({ modes }) =>
    modes === undefined ? [] : [`AP_${modes.rounding}, AP_${modes.overflow}`],
  );
  return [...new Set([...usualModes, ...declared])].map((mode) => `visit(Mode<${mode}>())`).join(' || ');
}

const usualModes = [
  'AP_TRN, AP_WRAP',
  'AP_RND_CONV, AP_SAT',
  'AP_RND, AP_SAT',
  'AP_TRN, AP_SAT',
  'AP_RND, AP_WRAP',
  'AP_RND_CONV, AP_WRAP',
] as const;
