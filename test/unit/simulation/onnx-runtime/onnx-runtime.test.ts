import { readFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { withBatchSize } from '../../../../src/simulation/onnx-runtime/batch.js';
import { messageOf, OnnxRuntimeError } from '../../../../src/simulation/onnx-runtime/error.js';
import { openOnnxRuntime } from '../../../../src/simulation/onnx-runtime/model.js';
import { elementsOf, readPorts } from '../../../../src/simulation/onnx-runtime/ports.js';
import {
  loadRuntime,
  RUNTIME_PACKAGE,
  RUNTIME_VERSION,
  runtimeVersion,
} from '../../../../src/simulation/onnx-runtime/runtime.js';
import { OnnxBuilder, int, ints } from '../../../support/onnx-builder.js';

/** y = x · W, W of [2, 3] counting from 1; a batch as given. */
function product(batch: number | string): OnnxBuilder {
  return new OnnxBuilder(13)
    .input('x', [batch, 2])
    .output('y', [batch, 3])
    .initializer('W', [2, 3], [1, 2, 3, 4, 5, 6])
    .node('MatMul', ['x', 'W'], ['y']);
}

function dimensionsOf(bytes: Uint8Array): readonly (number | string)[] {
  const dimensions = onnxProto.onnx.ModelProto.decode(bytes).graph?.input?.[0]?.type?.tensorType?.shape?.dim ?? [];
  return dimensions.map((dimension) =>
    Object.hasOwn(dimension, 'dimValue') ? Number(String(dimension.dimValue)) : (dimension.dimParam ?? '?'),
  );
}

async function refusal(action: Promise<unknown>): Promise<OnnxRuntimeError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof OnnxRuntimeError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the size of a batch', () => {
  const inputs = new Set(['x']);

  it('is set where the exporter fixed another, and the shapes noted for that go', () => {
    const one = withBatchSize(product(789_444).bytes(), inputs, 'one');
    expect(dimensionsOf(one)).toEqual([1, 2]);
    expect(onnxProto.onnx.ModelProto.decode(one).graph?.output?.[0]?.type?.tensorType?.shape).toBeFalsy();
    expect(dimensionsOf(withBatchSize(product(1).bytes(), inputs, 'open'))).toEqual(['events', 2]);
  });

  it('leaves a model alone that has it, or leaves it open', () => {
    for (const bytes of [product(1).bytes(), product('N').bytes()]) {
      expect(withBatchSize(bytes, inputs, 'one')).toBe(bytes);
    }
    const other = product(7).bytes();
    expect(withBatchSize(other, new Set(['other']), 'open')).toBe(other);
  });
});

describe('ports of ONNX Runtime', () => {
  it('are the inputs that are no initialisers, with the dimension of the events', () => {
    const model = new OnnxBuilder(8)
      .input('x', ['N', 4])
      .input('scale', [4])
      .input('w', [2])
      .initializer('w', [2], [1, 2])
      .output('y');
    expect(readPorts(model.bytes())).toEqual([
      { name: 'x', type: 'float32', batched: true, shape: [1, 4] },
      { name: 'scale', type: 'float32', batched: false, shape: [4] },
    ]);
    expect(readPorts(model.bytes(), new Map([['scale', 0]]))[1]?.shape).toEqual([1]);
  });

  it('are refused where a shape is open inside an event', () => {
    expect(() => readPorts(new OnnxBuilder(13).input('x', [1, 'L']).output('y').bytes())).toThrow(
      "dimension 1 of input 'x' is open",
    );
    expect(() => readPorts(new OnnxBuilder(13).input('x', undefined).output('y').bytes())).toThrow(OnnxRuntimeError);
  });

  it('take numbers in the element type of the model', () => {
    const values = Float64Array.of(0.1, 2);
    expect(elementsOf('float32', values)).toEqual(Float32Array.of(0.1, 2));
    expect(elementsOf('int64', Float64Array.of(-3, 2))).toEqual(BigInt64Array.of(-3n, 2n));
    expect(elementsOf('bool', values)).toEqual(Uint8Array.of(1, 1));
    expect(() => elementsOf('float16', values)).toThrow('inputs of type float16 cannot be given to it');
  });
});

it('is asked for in the version of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  expect(manifest.peerDependencies[RUNTIME_PACKAGE]).toBe(RUNTIME_VERSION);
  expect(manifest.devDependencies[RUNTIME_PACKAGE]).toBe(RUNTIME_VERSION);
});

it('is missed by name, with the command that brings it', async () => {
  const error = await refusal(loadRuntime(() => undefined));
  expect(error.reason).toBe('missing');
  expect(error.message).toContain(`npm install ${RUNTIME_PACKAGE}@${RUNTIME_VERSION}`);
});

describe('messages of ONNX Runtime', () => {
  it('lose the words of the binding', () => {
    const error = new Error("Can't create a session. ERROR_CODE: 9, ERROR_MESSAGE: Could not find\n an implementation");
    expect(messageOf(error)).toBe('Could not find an implementation');
    expect(messageOf('plain')).toBe('plain');
  });
});

describe.skipIf(runtimeVersion() === undefined)('ONNX Runtime (skipped without onnxruntime-web)', () => {
  it.for([1, 4, 789_444, 'N'])('evaluates any number of events of a model with batch %s', async (batch) => {
    const model = await openOnnxRuntime(product(batch).bytes());
    expect(model.batched).toBe(true);
    const events = 600;
    const x = Float64Array.from({ length: events * 2 }, (_, index) => (index % 9) - 4);
    const { y } = Object.fromEntries(await model.run(new Map([['x', x]]), events));
    const expected = Array.from({ length: events }, (_, event) => {
      const [a = 0, b = 0] = x.subarray(2 * event);
      return [a + 4 * b, 2 * a + 5 * b, 3 * a + 6 * b];
    });
    expect(Array.from(y ?? [])).toEqual(expected.flat());
    await model.release();
  });

  it.for([
    [
      'reshapes to one event',
      new OnnxBuilder(13).node('Reshape', ['x', 's'], ['y']).initializer('s', [2], [1, 2], 'int64'),
    ],
    ['adds events up', new OnnxBuilder(13).node('ReduceSum', ['x'], ['y'])],
    [
      'is cumulative over events',
      new OnnxBuilder(13).node('CumSum', ['x', 'a'], ['y']).initializer('a', [], [0], 'int64'),
    ],
  ] as const)('gives a model that %s one event at a time', async ([, builder]) => {
    const model = await openOnnxRuntime(builder.input('x', ['N', 2]).output('y').bytes());
    expect(model.batched).toBe(false);
    const { y } = Object.fromEntries(await model.run(new Map([['x', Float64Array.of(1, 2, 3, 4)]]), 2));
    expect([
      [1, 2, 3, 4],
      [3, 7],
    ]).toContainEqual(Array.from(y ?? []));
    await model.release();
  });

  it('takes inputs that do not count events, and gives only outputs that are numbers', async () => {
    const model = await openOnnxRuntime(
      new OnnxBuilder(13)
        .input('x', [3])
        .input('n', [3], 'int64')
        .output('y')
        .output('order', undefined, 'int64')
        .node('Cast', ['n'], ['real'], { to: int(1) })
        .node('Add', ['x', 'real'], ['y'])
        .initializer('k', [1], [3], 'int64')
        .node('TopK', ['y', 'k'], ['sorted', 'order'])
        .bytes(),
    );
    expect(model.outputs).toEqual(['y', 'order']);
    const inputs = new Map([
      ['x', Float64Array.of(0.5, 0.25, 0, 0, 0, 1)],
      ['n', Float64Array.of(1, 2, -3, 0, 0, 0)],
    ]);
    const results = await model.run(inputs, 2);
    expect(Array.from(results.get('y') ?? [])).toEqual([1.5, 2.25, -3, 0, 0, 1]);
    expect(Array.from(results.get('order') ?? [])).toEqual([1, 0, 2, 2, 0, 1]);
    await model.release();
  });

  it('says in its own words why it does not load a model', async () => {
    const error = await refusal(
      openOnnxRuntime(new OnnxBuilder(13).input('x', [1, 2]).output('y').node('Mystery', ['x'], ['y']).bytes()),
    );
    expect(error.reason).toBe('refused');
    expect(error.message).toContain('No Op registered for Mystery with domain_version of 13');
  });

  it('says in its own words why it fails on an event', async () => {
    const model = await openOnnxRuntime(
      new OnnxBuilder(13)
        .input('x', [1, 1], 'int64')
        .output('y')
        .initializer('table', [2], [5, 6])
        .node('Gather', ['table', 'x'], ['y'], { axis: int(0) })
        .bytes(),
    );
    const error = await refusal(model.run(new Map([['x', Float64Array.of(9)]]), 1));
    expect(error.reason).toBe('failed');
    expect(error.message).toContain('indices element out of data bounds');
    await model.release();
  });

  it('throws for a missing port', async () => {
    const model = await openOnnxRuntime(
      new OnnxBuilder(13)
        .input('x', [1, 2])
        .output('y')
        .node('Transpose', ['x'], ['y'], { perm: ints([0, 1]) })
        .bytes(),
    );
    await expect(model.run(new Map(), 1)).rejects.toThrow("0 values for 1 events of 'x'");
    await model.release();
  });
});
