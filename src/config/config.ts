import type { IntervalSetting, LimitSetting } from './units.js';
import type { Dyadic } from '../numeric/dyadic.js';
import type { DeclaredReuse } from '../design/sequencing.js';
import type { Quantizer } from '../numeric/fixed-point.js';
import { parseQuantizer } from '../numeric/fixed-point.js';
import type { Effort } from '../passes/dataflow/distributed-arithmetic/options.js';
import type { DecisionDeclaration } from '../passes/model/add-decisions.js';
import type { LayerDeclaration } from '../passes/model/layers/declaration.js';
import type { PackedElement } from '../passes/model/unpack-words.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { PortRegisters } from '../targets/targets.js';
import type { PortLayout } from './keys.js';
import type { HardwareLanguage, HlsControl, HlsForm, HlsInterface, HlsStrategy, Packaging } from './language.js';
import type { Position } from './yaml-tree.js';

/** Largest latency that may be asked for, in register ranks, and largest seed. */
export const MAXIMUM_LATENCY = 10_000;
export const MAXIMUM_SEED = 2 ** 32 - 1;
/** Deeper than any tree of adders: no limit. */
export const MAXIMUM_DEPTH_SLACK = 64;

/** Exact real bounds, both included. */
export interface RealRange {
  readonly low: Dyadic;
  readonly high: Dyadic;
}

/** What trigc.yaml says of one input; elements are flattened in row-major order without the event dimension. */
export interface InputConfig {
  /** One type for all elements. */
  readonly type?: Quantizer;
  /** Types by element. */
  readonly types: ReadonlyMap<number, Quantizer>;
  /** Length of the list that the types came from; undefined where they came from a map. */
  readonly typeCount?: number;
  /** Promise for all elements that have none of their own. */
  readonly range?: RealRange;
  readonly ranges: ReadonlyMap<number, RealRange>;
  readonly constants: ReadonlyMap<number, Dyadic>;
  readonly batch?: 0 | 'none';
  /** In which it comes, in equal parts. */
  readonly clocks?: number;
  readonly from?: FromConfig;
}

/** Where the elements of an input come from. */
export interface FromConfig {
  /** Bits of the words of each collection that is used. */
  readonly widths: ReadonlyMap<string, number>;
  /** One entry per element. */
  readonly elements: readonly PackedElement[];
}

export interface OutputConfig {
  readonly type?: Quantizer;
  /** Whether its final, rising activation is left out. */
  readonly dropActivation?: boolean;
}

export interface TargetConfig {
  readonly name?: string;
  /** Vivado's spelling of a known part. */
  readonly part?: string;
  /** ns */
  readonly clockPeriod?: number;
  /** Register ranks. */
  readonly latency?: number;
  readonly pinLatency?: boolean;
  readonly initiationInterval?: IntervalSetting;
  /** ns */
  readonly inputDelay?: number;
  /** ns */
  readonly outputDelay?: number;
  readonly threeOperandAdders?: boolean;
  readonly resources?: ResourceLimits;
}

/** What the design may use. */
export type ResourceLimits = Readonly<Partial<Record<LimitedResource, LimitSetting>>>;
export type LimitedResource = 'lut' | 'flip_flops' | 'dsp';

export interface InterfaceConfig {
  readonly ports?: PortLayout;
  readonly registers?: PortRegisters;
  readonly valid?: boolean;
  readonly control?: 'none';
  readonly language?: HardwareLanguage;
  readonly prefix?: string;
  readonly package?: Packaging;
}

/** The C++ emulator beside the design. */
export interface EmulatorConfig {
  readonly package?: boolean;
  /** By port: the type of the C++ array that is passed for it. */
  readonly types: ReadonlyMap<string, Quantizer>;
}

/** How the products of a layer are built in the C++ for Vitis HLS. */
export interface HlsBuildConfig {
  readonly strategy?: HlsStrategy;
  readonly reuse?: number;
}

/** The C++ for Vitis HLS beside the design. */
export interface HlsConfig extends HlsBuildConfig {
  readonly form?: HlsForm;
  readonly interface?: HlsInterface;
  readonly control?: HlsControl;
}

/** A checked trigc.yaml. Optional fields are those that were not given. */
export interface Config {
  /** As the user gave it; `trigc.yaml` where there is none. */
  readonly path: string;
  readonly inputs: ReadonlyMap<string, InputConfig>;
  readonly outputs: ReadonlyMap<string, OutputConfig>;
  readonly decisions: readonly DecisionDeclaration[];
  /** Type of float tensors without a quantiser. */
  readonly default: Quantizer;
  readonly weights?: Quantizer;
  /** By ONNX node name. */
  readonly layers: ReadonlyMap<string, LayerDeclaration>;
  readonly target: TargetConfig;
  readonly interface: InterfaceConfig;
  readonly emulator: EmulatorConfig;
  /** What a search of precisions must keep, as text. */
  readonly goals: readonly DeclaredBudget[];
  readonly hls: HlsConfig;
  /** By ONNX node name; apart from `layers`, as it changes no value. */
  readonly builds: ReadonlyMap<string, HlsBuildConfig>;
  /** By ONNX node name: how it reuses hardware where an event comes every few clocks; changes no value either. */
  readonly reuse: ReadonlyMap<string, DeclaredReuse>;
  /** As text: `trigc check` understands them. */
  readonly budgets: readonly DeclaredBudget[];
  readonly effort?: Effort;
  readonly seed?: number;
  /** Levels of adders that a matrix may take beyond the fewest possible. */
  readonly depthSlack?: number;
  /** Where each key path, such as `inputs.x.ranges.3`, stands in the file. */
  readonly positions: ReadonlyMap<string, Position>;
}

export const defaultQuantizer: Quantizer = parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');

/** What holds without a trigc.yaml. */
export const emptyConfig: Config = {
  path: 'trigc.yaml',
  inputs: new Map(),
  outputs: new Map(),
  decisions: [],
  default: defaultQuantizer,
  layers: new Map(),
  target: {},
  interface: {},
  emulator: { types: new Map() },
  goals: [],
  hls: {},
  builds: new Map(),
  reuse: new Map(),
  budgets: [],
  positions: new Map(),
};
