import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { ModelGraph, ModelNode, ModelNodeOf } from '../../model/kinds.js';
import type { RealFunctionName } from '../../model/real-functions.js';
import type { Pass } from '../pass.js';

/** Functions that rise everywhere they are defined, with the inverse that a threshold goes through. */
const inverses: Partial<Record<RealFunctionName, string>> = {
  sigmoid: 'ln(t / (1 - t))',
  tanh: 'artanh(t)',
  softplus: 'ln(e^t - 1)',
  softsign: 't / (1 - |t|)',
  exp: 'ln(t)',
  log: 'e^t',
  sqrt: 't^2',
  erf: 'the inverse error function of t',
  atan: 'tan(t)',
  asinh: 'sinh(t)',
  sinh: 'arsinh(t)',
};

/**
 * Leaves out the function that ends an output, where the configuration asks for it: it rises with its operand, so every
 * cut on it is a cut on the operand, and the table that it would become is saved. A quantiser behind it goes with it.
 */
export function dropActivations(outputs: ReadonlySet<string>): Pass<ModelGraph> {
  return {
    name: 'drop-activations',
    summary: 'leave out the final activations of outputs that ask for it',
    preserves: 'nothing',
    run: (graph) => {
      const bag = new DiagnosticBag();
      const changed = graph.outputs.map((output) => {
        if (!outputs.has(output.name)) return output;
        const end = graph.nodes[output.node];
        const last = end?.kind === 'quantize' ? graph.nodes[end.operand] : end;
        const configPath = `outputs.${output.name}.drop_activation`;
        const inverse = last?.kind === 'function' ? inverses[last.function] : undefined;
        if (last?.kind !== 'function' || inverse === undefined || last.scale <= 0) {
          bag.add(typingCodes.noActivation, `'${printable(output.name)}' ends in ${described(last)}`, { configPath });
          return output;
        }
        const { name } = last.provenance;
        bag.add(
          typingCodes.activationDropped,
          `'${printable(output.name)}' is the operand of the ${last.function}: a threshold t becomes ${mapped(last, inverse)}`,
          { node: name },
        );
        return { ...output, node: last.operand };
      });
      return bag.finish(outputs.size === 0 ? graph : { ...graph, outputs: changed });
    },
  };
}

function mapped({ scale, offset }: ModelNodeOf<'function'>, inverse: string): string {
  if (scale === 1 && offset === 0) return inverse;
  return `(${inverse}${offset === 0 ? '' : ` - ${offset}`})${scale === 1 ? '' : ` / ${scale}`}`;
}

function described(node: ModelNode | undefined): string {
  if (node === undefined) return 'nothing';
  const { operator } = node.provenance;
  return operator === '' ? `a ${node.kind}` : `a ${printable(operator)}`;
}
