import { inputMeaning, resultMeaning } from './ap-types.js';
import type { PassedPort } from './passed-types.js';

interface ReadmeOptions {
  /** Of the library. */
  readonly name: string;
  readonly namespace: string;
  readonly inputs: readonly PassedPort[];
  readonly outputs: readonly PassedPort[];
  /** Why there is no shim for the vendor's types; undefined where there is one. */
  readonly reason: string | undefined;
}

/** README.md of the package: how it is built and what it takes. */
export function packageReadme({ name, namespace, inputs, outputs, reason }: ReadmeOptions): string {
  const vendor = reason === undefined;
  const build = vendor
    ? `make AP_TYPES=/path/to/ap_types/include   # ${name}.so for CMSSW\nmake                                      # ${name}.so on integer codes, without vendor headers`
    : `make         # ${name}.so on integer codes`;
  return `# ${name}: emulator package

Computes the firmware's output codes bit for bit. Needs GCC or Clang with C++17 and GNU make.

\`\`\`sh
${build}
make check   # vectors.in must give vectors.out
\`\`\`

\`${name}.so\` exports \`create_model\` and \`destroy_model\` and nothing else, so that any number of models can be loaded in
one process. The class has \`prepare_input\`, \`predict\` and \`read_result\`:

- ${inputMeaning(inputs, vendor)}.
- ${resultMeaning(outputs, vendor)}.
${vendor ? '' : `\nThere is no \`ap_fixed\` interface: ${reason}.\n`}
Other types are refused with \`std::invalid_argument\`. For many events use the class \`${namespace}::Model\` of \`model.h\`,
linked with the objects of \`emulate\` but \`emulate.o\`: \`predict_many\` computes several events at once and returns how
many broke a promise. On x86-64 the network is compiled with and without AVX2, and what the processor has is used.
`;
}
