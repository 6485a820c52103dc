import { invariant } from '../../src/support/invariant.js';
import type { Random } from '../../src/support/random.js';
import type { ImportedModel } from '../../src/importers/onnx/import.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { loadModelFile } from '../../src/importers/onnx/load.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { floatEvaluator } from '../../src/model/evaluate-float.js';
import { elementCount } from '../../src/model/kinds.js';
import type { PythonEnvironment } from './python.js';
import { askPython } from './python.js';

/** One event: the elements of every graph input, or output, by its name. Null where they are not numbers. */
export type FloatEvent = Readonly<Record<string, readonly number[]>>;

/** A file, and events to evaluate it on, drawn from a normal distribution of the given width in float32. */
export interface FloatJob {
  readonly model: string;
  readonly events: readonly FloatEvent[];
}

/** What someone else's evaluator says. */
export interface FloatAnswer {
  /** The evaluator that accepted the file; null where none did. */
  readonly engine: string | null;
  /** Why the ones before it did not. */
  readonly refused: Readonly<Record<string, string>>;
  readonly outputs: readonly Readonly<Record<string, readonly (number | string)[] | null>>[];
}

export function importFile(path: string): ImportedModel {
  const { bytes, readExternal } = unwrap(loadModelFile(path));
  return unwrap(importOnnx(bytes, { modelName: 'model', modelPath: path, readExternal }));
}

/** Events for an imported file: normally distributed values times `width`, as float32 or as integers of the port. */
export function floatEvents(random: Random, model: ImportedModel, count: number, width = 1): readonly FloatEvent[] {
  const ports = model.graph.nodes.filter((node) => node.kind === 'input');
  return Array.from({ length: count }, () =>
    Object.fromEntries(
      ports.map((port) => {
        const [type] = port.types;
        const draw = (): number => {
          if (type === undefined) return Math.fround(normal(random) * width);
          return random.integer(type.signed ? -8 : 0, type.width === 1 ? 1 : 8);
        };
        return [port.name, Array.from({ length: elementCount(port.shape) }, draw)];
      }),
    ),
  );
}

/** Box and Muller. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log((random.integer(0, 999_999) + 1) / 1_000_000));
  return radius * Math.cos((2 * Math.PI * random.integer(0, 999_999)) / 1_000_000);
}

export async function askEvaluators(
  jobs: readonly FloatJob[],
  environment: PythonEnvironment = 'reference',
): Promise<readonly FloatAnswer[]> {
  return (await askPython(environment, 'test/support/python/evaluate_onnx.py', jobs)) as readonly FloatAnswer[];
}

/** One output of ours against someone else's; undefined where they agree, or where the output is not produced. */
export function compareEvent(
  model: ImportedModel,
  event: FloatEvent,
  output: string,
  expected: readonly (number | string)[],
  tolerance?: readonly [number, number],
): string | undefined {
  const own = evaluateFloats(model, [event])[0]?.[output];
  return own === undefined ? undefined : difference(own, expected, tolerance);
}

/** Our own outputs, by name. */
export function evaluateFloats(model: ImportedModel, events: readonly FloatEvent[]): readonly FloatEvent[] {
  const { graph } = model;
  const evaluate = floatEvaluator(graph);
  const names = graph.nodes.filter((node) => node.kind === 'input').map((node) => node.name);
  return events.map((event) => {
    const { outputs } = evaluate(names.map((name) => Float64Array.from(event[name] ?? [])));
    return Object.fromEntries(graph.outputs.map(({ name }, index) => [name, Array.from(outputs[index] ?? [])]));
  });
}

/** JSON has no infinities: they arrive as words. */
export const numberOf = (value: number | string): number =>
  typeof value === 'number' ? value : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number.NaN;

/** The first element that differs by more than 1e-6 + 1e-5·|expected|, in words; undefined where all agree. */
export function difference(
  ours: readonly number[],
  theirs: readonly (number | string)[],
  [absolute, relative]: readonly [number, number] = [1e-6, 1e-5],
): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} elements instead of ${theirs.length}`;
  for (const [index, text] of theirs.entries()) {
    const expected = numberOf(text);
    const value = ours[index] ?? Number.NaN;
    const same =
      Object.is(value + 0, expected + 0) || Math.abs(value - expected) <= absolute + relative * Math.abs(expected);
    if (!same) return `element ${index} is ${value} instead of ${expected}`;
  }
  return undefined;
}

/** Compare every output that holds numbers; returns how many elements were compared. */
export function compareFloats(model: ImportedModel, job: FloatJob, answer: FloatAnswer): number {
  let compared = 0;
  const ours = evaluateFloats(model, job.events);
  for (const [event, outputs] of answer.outputs.entries()) {
    for (const [name, values] of Object.entries(outputs)) {
      const own = ours[event]?.[name];
      if (values === null || own === undefined) continue;
      const found = difference(own, values);
      invariant(found === undefined, `${job.model}, event ${event}, output '${name}': ${found ?? ''}`);
      compared += values.length;
    }
  }
  return compared;
}
