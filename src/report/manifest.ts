import type { Dyadic } from '../numeric/dyadic.js';
import { printDyadic } from '../numeric/dyadic.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange, lsbExponent, printType } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { shiftInterval } from '../numeric/interval.js';
import type { Rounding, Overflow } from '../numeric/rounding.js';
import type { DesignInterface } from '../design/design.js';
import type { RtlPortMap } from '../lowering/rtl/port-layout.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../model/kinds.js';
import { perElement } from '../model/kinds.js';
import type { Decision } from '../passes/model/add-decisions.js';
import type { PortScale } from '../passes/model/scaled-inputs.js';
import type { FieldPromise } from './field-promises.js';
import { fieldPromises, wordKey } from './field-promises.js';

/** Raised when a reader of the previous version would misread the file. */
export const MANIFEST_VERSION = 1;

export interface ManifestElement {
  /** RTL port and the element's least significant bit in it. */
  readonly port: string;
  readonly low: number;
  /** `ap_fixed<W,I>` */
  readonly type: string;
  /** Clock of the event in which it stands on the port, of an input that comes in parts; 0 where absent. */
  readonly clock?: number;
  /** Real values promised, as exact decimals; absent where the type allows all. */
  readonly promise?: { readonly low: string; readonly high: string };
}

export interface ManifestPort {
  /** Name of the graph tensor. */
  readonly name: string;
  /** How `--input-policy quantise` brings values into the type; inputs only. */
  readonly rounding?: string;
  readonly overflow?: string;
  /**
   * Where the port holds the integers of a quantiser whose scale is no power of two: their real value is
   * scale × (integer - zero point), as exact fractions such as `3/4`; a zero point of 0 is absent.
   */
  readonly scale?: string;
  readonly zeroPoint?: string;
  readonly elements: readonly ManifestElement[];
}

/** A threshold on an element of an output, and the 1-bit output that says whether it was reached. */
export interface ManifestDecision {
  readonly name: string;
  readonly output: string;
  readonly element: number;
  readonly comparison: '>' | '>=';
  /** Exact decimal, and code of the type of the output. */
  readonly threshold: string;
  readonly code: string;
}

export function manifestDecisions(decisions: readonly Decision[]): readonly ManifestDecision[] {
  return decisions.map(({ name, output, element, comparison, code, type }) => ({
    name,
    output,
    element,
    comparison: comparison === 'above' ? '>' : '>=',
    threshold: printDyadic({ code, lsb: lsbExponent(type) }),
    code: String(code),
  }));
}

/** `trigc.json`: what a compiled folder holds and how its ports are wired. */
export interface Manifest {
  readonly schema: 'trigc-manifest';
  readonly version: number;
  readonly compiler: string;
  readonly name: string;
  readonly top: string;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly config: { readonly file: string; readonly sha256: string } | null;
  readonly target: { readonly name: string; readonly part: string };
  /** How the adder graphs were searched; the result of an effort in seconds may differ from run to run. */
  readonly search: {
    readonly effort: string;
    readonly seed: number;
    readonly depthSlack: number;
    /** Levels that a matrix may take beyond the fewest possible where they pay. */
    readonly mostDepthSlack: number;
    readonly solver: number;
  };
  /** `port` is the clock input of the RTL; null for a combinational design, which has none. */
  readonly clock: { readonly periodNanoseconds: number; readonly port: string | null };
  /** Register ranks. */
  readonly latency: number;
  /** Clocks. */
  readonly initiationInterval: number;
  readonly interface: DesignInterface;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  /** Their outputs are the last; absent where there are none. */
  readonly decisions?: readonly ManifestDecision[];
  /** ONNX names that had to be changed to be legal: original and identifier. */
  readonly names: readonly (readonly [string, string])[];
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** One column of an event file of the compiled model. */
export interface PortColumn {
  readonly name: string;
  readonly element: number;
  readonly type: FixedPointType;
  readonly promised?: Interval;
  /** Promises about bits of a packed word. */
  readonly fields?: readonly FieldPromise[];
  readonly rounding: Rounding;
  readonly overflow: Overflow;
}

/** The input columns of a typed graph in the order of event files: ports in graph order, elements row-major. */
export function inputColumns(graph: ModelGraph): readonly PortColumn[] {
  const promises = new Map<ModelNodeId, ModelNodeOf<'assume'>>();
  for (const node of graph.nodes) if (node.kind === 'assume') promises.set(node.operand, node);
  const fieldsOf = fieldPromises(graph);
  return graph.nodes
    .filter((node): node is ModelNodeOf<'input'> => node.kind === 'input')
    .flatMap((input) => {
      const promise = promises.get(input.id);
      const size = input.shape.reduce((product, dimension) => product * dimension, 1);
      return Array.from({ length: size }, (_, element) => {
        const type = perElement(input.types, element);
        const { name, rounding, overflow } = input;
        const fields = fieldsOf.get(wordKey(input.id, element));
        const base = { name, element, type, rounding, overflow, ...(fields === undefined ? {} : { fields }) };
        if (promise === undefined) return base;
        // A promise is stored on the finest LSB of the port; the builder of it drew it in to the element's own grid.
        const promised = shiftInterval(perElement(promise.ranges, element), promise.lsb - lsbExponent(type));
        const all = codeRange(type);
        return promised.low > all.low || promised.high < all.high ? { ...base, promised } : base;
      });
    });
}

/** Port entries of the manifest from the RTL wiring and the typed graph. */
export function manifestPorts(
  graph: ModelGraph,
  wiring: { readonly inputs: readonly RtlPortMap[]; readonly outputs: readonly RtlPortMap[] },
  scales: ReadonlyMap<string, PortScale> = new Map(),
): Pick<Manifest, 'inputs' | 'outputs'> {
  const columns = inputColumns(graph);
  const text = (code: bigint, type: FixedPointType): string => {
    const value: Dyadic = { code, lsb: lsbExponent(type) };
    return printDyadic(value);
  };
  let column = 0;
  const inputs = wiring.inputs.map(({ name, elements }) => {
    const own = columns.slice(column, (column += elements.length));
    const [first] = own;
    const { scale, zeroPoint } = scales.get(name) ?? {};
    return {
      name,
      ...(first === undefined ? {} : { rounding: `AP_${first.rounding}`, overflow: `AP_${first.overflow}` }),
      ...(scale === undefined ? {} : { scale }),
      ...(zeroPoint === undefined ? {} : { zeroPoint }),
      elements: elements.map(({ port, low, type, clock }, index) => {
        const promised = own[index]?.promised;
        const promise =
          promised === undefined ? {} : { promise: { low: text(promised.low, type), high: text(promised.high, type) } };
        const part = clock === undefined ? {} : { clock };
        return { port, low, type: printType(type), ...part, ...promise };
      }),
    };
  });
  const outputs = wiring.outputs.map(({ name, elements }) => ({
    name,
    elements: elements.map(({ port, low, type }) => ({ port, low, type: printType(type) })),
  }));
  return { inputs, outputs };
}
