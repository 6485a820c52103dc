import type { DiagnosticArea } from '../../src/diagnostics/catalogue.js';
import { catalogue } from '../../src/diagnostics/catalogue.js';
import { importCodes } from '../../src/diagnostics/codes/import.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { findOperator } from '../../src/importers/onnx/registry.js';
import { compareEvent, numberOf } from './float-reference.js';
import { askPython } from './python.js';

/** A test of the `onnx` package, as `test/support/python/node_tests.py` writes it. */
export interface NodeTest {
  readonly name: string;
  /** Operators of its graph; one, but for those that spell out the definition of an operator. */
  readonly operators: readonly string[];
  /** The same test with some of its inputs made constants; the model in base64, its inputs by name. */
  readonly forms: readonly { readonly constants: string; readonly model: string; readonly inputs: readonly string[] }[];
  readonly inputs: Readonly<Record<string, readonly (number | string)[] | null>>;
  readonly outputs: Readonly<
    Record<string, { readonly values: readonly (number | string)[] | null; readonly precise: boolean }>
  >;
  /** Why there are no forms. */
  readonly reason: string | null;
}

export interface NodeTestResult {
  readonly test: NodeTest;
  readonly state: 'passed' | 'skipped' | 'failed';
  /** Why it was skipped, or what differs in which form. */
  readonly reason: string;
  /** Did a form with a computed input pass, rather than constants only? */
  readonly computed: boolean;
}

/** Tensors of more elements are no trigger's, and half of the data. */
const maximumElements = 20_000;

export async function loadNodeTests(): Promise<readonly NodeTest[]> {
  const request = { maximum_elements: maximumElements };
  return (await askPython('reference', 'test/support/python/node_tests.py', request)) as readonly NodeTest[];
}

const areas: readonly DiagnosticArea[] = Object.values(catalogue);
const titles: ReadonlyMap<string, string> = new Map(
  areas.flatMap(({ kinds }) => Object.values(kinds)).map(({ code, title }) => [code, title]),
);

/** float16 and bfloat16 results, and those of float32 and wider. */
const tolerances = { coarse: [1e-2, 1e-2], precise: [1e-6, 1e-5] } as const;

/** Every form that can be imported has to agree; a test without such a form is skipped. */
export function runNodeTest(test: NodeTest): NodeTestResult {
  const unknown = test.operators.filter(
    (name) => !['', 'ai.onnx.ml'].some((domain) => findOperator(domain, name) !== undefined),
  );
  let refusal = test.reason ?? '';
  let passed = false;
  let computed = false;
  for (const { constants, model, inputs } of test.forms) {
    const imported = importOnnx(Buffer.from(model, 'base64'), {
      modelName: test.name,
      modelPath: test.name,
      batch: new Map(inputs.map((name) => [name, 'none'])),
    });
    if (!imported.ok) {
      const error = imported.diagnostics.find(({ severity }) => severity === 'error');
      // That an operand must be constant says less than what is wrong once it is.
      if (refusal === '' || refusal.startsWith(importCodes.notConstant.title)) {
        refusal = `${titles.get(error?.code ?? '') ?? 'an error'}\t${error?.message ?? ''}`;
      }
      continue;
    }
    const event = Object.fromEntries(inputs.map((name) => [name, (test.inputs[name] ?? [0]).map(numberOf)]));
    for (const [name, { values, precise }] of Object.entries(test.outputs)) {
      if (values === null) continue;
      const tolerance = precise ? tolerances.precise : tolerances.coarse;
      const found = compareEvent(imported.value, event, name, values, tolerance);
      if (found !== undefined) {
        return { test, state: 'failed', reason: `${name}, constant: ${constants}: ${found}`, computed };
      }
    }
    passed = true;
    computed ||= constants !== 'all';
  }
  if (passed) return { test, state: 'passed', reason: '', computed };
  const reason = unknown.length === 0 ? refusal : `operator that is not supported\t${unknown.join(', ')}`;
  return { test, state: 'skipped', reason, computed };
}
