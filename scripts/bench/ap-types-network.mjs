// A network of a deployed model in the vendor's open ap_types, as naive as a layer can be written: what the package is
// compared with. The model is described by precision.json and weights.txt of the reference set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** C++ that evaluates events of 64-bit codes: `network INPUTS EVENTS REPEAT` prints events/s and the sum of the codes. */
export function apTypesNetwork(folder) {
  const { layer_calls: calls } = JSON.parse(readFileSync(join(folder, 'precision.json'), 'utf8'));
  const lines = readFileSync(join(folder, 'weights.txt'), 'utf8').trim().split('\n');
  const types = lines
    .filter((line) => line.startsWith('TYPE '))
    .map((line) => line.split(' ').slice(1))
    .map(([name, signed, width, integer, rounding, overflow]) => {
      const base = signed === '1' ? 'ap_fixed' : 'ap_ufixed';
      return `typedef ${base}<${width}, ${integer}, ${rounding}, ${overflow}> ${name};`;
    });
  const arrays = arraysOf(lines);
  const typeOf = new Map([[calls[0].ins[0], calls[0].in_t]]);
  const sizeOf = new Map([[calls[0].ins[0], calls[0].n_in]]);
  const body = calls.flatMap((call) => {
    const [first, second] = call.ins;
    typeOf.set(call.out, call.out_t);
    sizeOf.set(call.out, call.op === 'dense' ? call.n_out : call.op === 'dot1d' ? 1 : sizeOf.get(first));
    const declared = `  ${call.out_t} ${call.out}[${sizeOf.get(call.out)}];`;
    const each = `  for (int i = 0; i < ${sizeOf.get(call.out)}; i++)`;
    switch (call.op) {
      case 'dense':
        return [
          declared,
          `  dense<${call.n_in}, ${call.n_out}, ${call.accum_t}>(${first}, ${call.out}, ${call.w}, ${call.b});`,
        ];
      case 'relu':
        return [declared, `${each} ${call.out}[i] = ${first}[i] > 0 ? ${call.out_t}(${first}[i]) : ${call.out_t}(0);`];
      case 'subtract':
        return [declared, `${each} ${call.out}[i] = ${first}[i] - ${second}[i];`];
      case 'dot1d':
        return [
          declared,
          `  ${call.accum_t} ${call.out}_sum = 0;`,
          `  for (int i = 0; i < ${call.n_in}; i++) ${call.out}_sum += ${call.accum_t}(${first}[i] * ${second}[i]);`,
          `  ${call.out}[0] = ${call.out}_sum;`,
        ];
      default:
        throw new Error(`no ${call.op} here`);
    }
  });
  const last = calls.at(-1).out;
  const first = calls[0].ins[0];
  const size = sizeOf.get(first);
  const used = new Set(calls.flatMap(({ w, b }) => (w === undefined ? [] : [w, b])));
  const tables = arrays.filter(({ name }) => used.has(name));
  return `#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>
#include "ap_fixed.h"
${types.join('\n')}
${tables.map(({ name, type, codes }) => `static ${type} ${name}[${codes.length}];\nstatic const long ${name}_codes[] = {${codes.join(', ')}};`).join('\n')}
template <class Type, int N> void fill(Type (&array)[N], const long (&codes)[N]) {
  for (int i = 0; i < N; i++) array[i].range(Type::width - 1, 0) = codes[i];
}
template <int Inputs, int Outputs, class Accumulator, class In, class Out, class Weight, class Bias>
void dense(const In *in, Out *out, const Weight *weights, const Bias *biases) {
  Accumulator sums[Outputs];
  for (int j = 0; j < Outputs; j++) sums[j] = biases[j];
  for (int i = 0; i < Inputs; i++)
    for (int j = 0; j < Outputs; j++) sums[j] += Accumulator(in[i] * weights[i * Outputs + j]);
  for (int j = 0; j < Outputs; j++) out[j] = sums[j];
}
static ${typeOf.get(last)} network(const ${typeOf.get(first)} *${first}) {
${body.join('\n')}
  return ${last}[0];
}
int main(int, char **arguments) {
${tables.map(({ name }) => `  fill(${name}, ${name}_codes);`).join('\n')}
  const long events = std::atol(arguments[2]), repeat = std::atol(arguments[3]);
  std::vector<std::int64_t> codes(events * ${size});
  std::FILE *file = std::fopen(arguments[1], "rb");
  if (std::fread(codes.data(), 8, codes.size(), file) != codes.size()) return 1;
  std::vector<${typeOf.get(first)}> inputs(codes.size());
  for (std::size_t i = 0; i < codes.size(); i++) inputs[i].range(${typeOf.get(first)}::width - 1, 0) = codes[i];
  std::vector<${typeOf.get(last)}> results(events);
  const std::clock_t start = std::clock();
  for (long round = 0; round < repeat; round++)
    for (long event = 0; event < events; event++) results[event] = network(&inputs[event * ${size}]);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  long sum = 0;
  for (auto &result : results) {
    sum += result.range(${typeOf.get(last)}::width - 1, 0).to_uint64();
  }
  std::printf("%.0f %ld\\n", events * repeat / seconds, sum);
}
`;
}

function arraysOf(lines) {
  return lines
    .filter((line) => !line.startsWith('TYPE '))
    .map((line) => line.trim().split(/\s+/u))
    .map(([, name, signed, width, integer, , ...codes]) => {
      const type = `${signed === '1' ? 'ap_fixed' : 'ap_ufixed'}<${width}, ${integer}>`;
      return { name, type, codes };
    });
}
