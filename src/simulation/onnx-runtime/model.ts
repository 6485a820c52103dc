import type { InferenceSession } from 'onnxruntime-web';
import { at, invariant } from '../../support/invariant.js';
import { withBatchSize } from './batch.js';
import { messageOf, OnnxRuntimeError } from './error.js';
import type { RuntimePort } from './ports.js';
import { elementsOf, readPorts } from './ports.js';
import { loadRuntime } from './runtime.js';
import type { Runtime } from './runtime.js';

/** Values by the name of a graph input or output: those of one event after those of another, row-major. */
export type FloatTensors = ReadonlyMap<string, Float64Array>;

/** A model in ONNX Runtime: the float reference that the rest of the world uses. */
export interface OnnxRuntimeModel {
  readonly inputs: readonly RuntimePort[];
  /** The outputs that are tensors of numbers. */
  readonly outputs: readonly string[];
  /** Whether it takes many events at once: shown on two events when the model is opened. */
  readonly batched: boolean;
  /**
   * Evaluate events, inputs rounded to the element types of the model, which is float32 in most. Throws
   * OnnxRuntimeError ('failed') with its message.
   */
  readonly run: (inputs: FloatTensors, events: number) => Promise<FloatTensors>;
  readonly release: () => Promise<void>;
}

export interface OnnxRuntimeOptions {
  /** As in the importer's options: whether dimension 0 of an input counts events. */
  readonly batch?: ReadonlyMap<string, 0 | 'none'>;
}

/** Events that go in at once. */
const EVENTS_AT_ONCE = 256;

/**
 * Open a model. Throws OnnxRuntimeError: 'missing' where the package is not installed, 'refused' with its message where
 * it does not load the model; DiagnosticError for bytes that are no model.
 */
export async function openOnnxRuntime(bytes: Uint8Array, options: OnnxRuntimeOptions = {}): Promise<OnnxRuntimeModel> {
  const runtime = await loadRuntime();
  const inputs = readPorts(bytes, options.batch);
  const counted = new Set(inputs.filter(({ batched }) => batched).map(({ name }) => name));
  const single = await openSession(runtime, withBatchSize(bytes, counted, 'one'));
  const outputs = tensorOutputs(single);
  const one: Evaluation = { runtime, session: single, inputs, outputs };
  const many = counted.size === inputs.length ? await tryOpenBatch(one, bytes, counted) : undefined;
  // One session is enough from here on.
  if (many !== undefined) await single.release();
  const session = many?.session ?? single;
  return {
    inputs,
    outputs,
    batched: many !== undefined,
    run: (values, events) => runAll(many ?? one, values, events, many === undefined ? 1 : EVENTS_AT_ONCE),
    release: () => session.release(),
  };
}

interface Evaluation {
  readonly runtime: Runtime;
  readonly session: InferenceSession;
  readonly inputs: readonly RuntimePort[];
  readonly outputs: readonly string[];
}

async function openSession(runtime: Runtime, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 4 });
  } catch (error) {
    throw new OnnxRuntimeError('refused', messageOf(error));
  }
}

function tensorOutputs(session: InferenceSession): readonly string[] {
  return session.outputMetadata.filter((output) => output.isTensor && output.type !== 'string').map(({ name }) => name);
}

/**
 * The model with an open batch, if it then computes for each of two events what it computes for one alone: a reshape
 * to a fixed batch, or anything that mixes events, shows there.
 */
async function tryOpenBatch(
  one: Evaluation,
  bytes: Uint8Array,
  counted: ReadonlySet<string>,
): Promise<Evaluation | undefined> {
  let session: InferenceSession;
  try {
    session = await openSession(one.runtime, withBatchSize(bytes, counted, 'open'));
  } catch (error) {
    if (error instanceof OnnxRuntimeError) return undefined;
    throw error;
  }
  const many = { ...one, session };
  const trial = new Map(one.inputs.map((port) => [port.name, trialValues(port)]));
  try {
    const [together, alone] = [await runAll(many, trial, 2, 2), await runAll(one, trial, 2, 1)];
    const same = one.outputs.every((name) => agree(together.get(name), alone.get(name)));
    if (same) return many;
  } catch (error) {
    if (!(error instanceof OnnxRuntimeError)) throw error;
  }
  await session.release();
  return undefined;
}

const sizeOf = (port: RuntimePort): number => port.shape.reduce((product, dimension) => product * dimension, 1);

/** Two events that differ; small whole numbers are in every integer type, and index the smallest table. */
function trialValues(port: RuntimePort): Float64Array {
  const real = port.type.startsWith('float');
  return Float64Array.from({ length: 2 * sizeOf(port) }, (_, index) => {
    const value = (index * 5 + 3) % 7;
    return real ? value / 4 - 0.5 : value % 2;
  });
}

/** A few units of the last place of float32: sums of a batch may be taken in another order. */
function agree(left: Float64Array | undefined, right: Float64Array | undefined): boolean {
  if (left === undefined || left.length !== right?.length) return false;
  return left.every((value, index) => {
    const other = at(right, index);
    return Object.is(value, other) || Math.abs(value - other) <= 1e-6 + 1e-5 * Math.abs(other);
  });
}

async function runAll(
  evaluation: Evaluation,
  values: FloatTensors,
  events: number,
  atOnce: number,
): Promise<FloatTensors> {
  const results = new Map<string, Float64Array>();
  for (let base = 0; base < events; base += atOnce) {
    const count = Math.min(atOnce, events - base);
    const outputs = await runOnce(evaluation, values, base, count);
    for (const [name, data] of outputs) {
      const size = data.length / count;
      const all = results.get(name) ?? new Float64Array(events * size);
      if (!Number.isInteger(size) || all.length !== events * size) {
        throw new OnnxRuntimeError('failed', `output '${name}' has ${data.length} elements for ${count} events`);
      }
      all.set(data, base * size);
      results.set(name, all);
    }
  }
  return results;
}

async function runOnce(
  { runtime, session, inputs, outputs }: Evaluation,
  values: FloatTensors,
  base: number,
  count: number,
): Promise<FloatTensors> {
  const feeds = Object.fromEntries(
    inputs.map((port) => {
      const size = sizeOf(port);
      const data = values.get(port.name)?.subarray(base * size, (base + count) * size);
      invariant(data?.length === count * size, `${data?.length ?? 0} values for ${count} events of '${port.name}'`);
      const shape = port.batched ? [count, ...port.shape.slice(1)] : port.shape;
      // The constructor's overloads are one for each element type.
      const make = runtime.Tensor as new (type: string, data: unknown, shape: readonly number[]) => object;
      return [port.name, new make(port.type, elementsOf(port.type, data), shape)];
    }),
  );
  try {
    const results = await session.run(feeds as Parameters<typeof session.run>[0], [...outputs], {
      logSeverityLevel: 4,
    });
    return new Map(outputs.map((name) => [name, Float64Array.from(results[name]?.data as ArrayLike<number>, Number)]));
  } catch (error) {
    throw new OnnxRuntimeError('failed', messageOf(error));
  }
}
