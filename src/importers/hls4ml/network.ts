import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { DiagnosticBag, fail } from '../../diagnostics/result.js';
import type { Quantizer } from '../../numeric/fixed-point.js';
import { printQuantizer, sameQuantizer } from '../../numeric/fixed-point.js';
import type { ConfigStruct, LayerCall } from './cpp-text.js';
import type { AttributeValue } from './onnx-file.js';
import { OnnxFile } from './onnx-file.js';
import type { Hls4mlProject } from './project.js';
import type { WeightArray } from './weights.js';
import { readWeights } from './weights.js';

/** A tensor of the firmware: its name in the ONNX file, its shape without the event, and the type of its elements. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: Quantizer;
}

/** What stands under `layers.<node>` in trigc.yaml, as it is written there. */
export type LayerSettings = Readonly<
  Record<string, string | number | { readonly size: number; readonly type: string }>
>;

/** A layer as it was read: a call of the firmware's function, with what it names. */
export class Layer {
  public readonly name: string;

  public constructor(
    public readonly network: Network,
    public readonly call: LayerCall,
  ) {
    this.name = network.file.freeName(call.name === '' ? (call.operands[1] ?? call.function) : call.name);
  }

  public get project(): Hls4mlProject {
    return this.network.project;
  }

  /** The last template argument: sizes and types of the layer. */
  public get config(): ConfigStruct {
    return this.project.struct(this.call.templates.at(-1) ?? '');
  }

  public number(member: string, struct: ConfigStruct = this.config): number {
    return this.project.number(struct, member);
  }

  public input(index = 0): Tensor {
    return this.network.tensor(this.call.operands[index] ?? '', this);
  }

  /** Name and type of the variable that the call writes. */
  public output(index: number): { readonly name: string; readonly type: Quantizer } {
    return this.network.variable(this.call.operands[index] ?? '', this);
  }

  /** The constants of operand `index`, of the type that `member` of `struct` names. */
  public weights(index: number, shape: readonly number[], member: string, struct = this.config): WeightArray {
    return readWeights(this.project, this.call.operands[index] ?? '', shape, this.project.memberType(struct, member));
  }

  /** The same elements in another shape, row-major. */
  public shaped(tensor: Tensor, shape: readonly number[]): string {
    if (shape.join() === tensor.shape.join()) return tensor.name;
    const size = (list: readonly number[]): number => list.reduce((product, dimension) => product * dimension, 1);
    if (size(shape) !== size(tensor.shape)) {
      this.malformed(`'${tensor.name}' has ${tensor.shape.join(' × ')} elements, the layer reads ${shape.join(' × ')}`);
    }
    const name = this.part('shape');
    const target = this.network.file.integers(`${name}_dims`, [-1, ...shape]);
    return this.network.file.node('Reshape', name, [tensor.name, target], `${name}_out`);
  }

  /** A name for a node that belongs to the layer and is not the one of its name. */
  public part(what: string): string {
    return this.network.file.freeName(`${this.name}_${what}`);
  }

  /** A node inside the layer. */
  public inner(
    operator: string,
    what: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const name = this.part(what);
    return this.network.file.node(operator, name, inputs, `${name}_out`, attributes);
  }

  public constant(what: string, shape: readonly number[], values: readonly number[]): string {
    return this.network.file.constant(`${this.name}_${what}`, shape, values);
  }

  /** The layer's own node, which `settings` are for. */
  public node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue>>,
    settings: LayerSettings,
  ): string {
    if (Object.keys(settings).length > 0) this.network.settings.set(this.name, settings);
    return this.network.file.node(operator, this.name, inputs, output, attributes);
  }

  /** Settings of a node that only hands values on: none where it hands them on as they are. */
  public passes(from: Quantizer, to: Quantizer): LayerSettings {
    return sameQuantizer(from, to) ? {} : { result: printQuantizer(to) };
  }

  public define(index: number, tensor: Tensor): void {
    this.network.define(this.call.operands[index] ?? '', tensor);
  }

  public malformed(message: string): never {
    return fail(hls4mlCodes.malformed, message, this.location);
  }

  public noCounterpart(what: string): never {
    return fail(hls4mlCodes.noCounterpart, what, this.location);
  }

  public get location(): { readonly model: string; readonly line: number; readonly node: string } {
    return { model: this.project.topFile, line: this.call.line, node: this.name };
  }
}

/** The network as it comes together: tensors by the variables of the firmware, nodes of the ONNX file, settings by node. */
export class Network {
  public readonly file = new OnnxFile();
  public readonly settings = new Map<string, LayerSettings>();
  /** What the project says and the result does not, in sentences. */
  public readonly left: string[] = [];
  public readonly bag = new DiagnosticBag();
  private readonly tensors = new Map<string, Tensor>();
  /** Variables that a layer without counterpart would have written, and what depends on them. */
  private readonly lost = new Set<string>();

  public constructor(public readonly project: Hls4mlProject) {}

  public define(variable: string, tensor: Tensor): void {
    this.tensors.set(variable, tensor);
  }

  public lose(variables: readonly string[]): void {
    for (const variable of variables) this.lost.add(variable);
  }

  public isLost(variable: string): boolean {
    return this.lost.has(this.original(variable));
  }

  public find(variable: string): Tensor | undefined {
    return this.tensors.get(this.original(variable));
  }

  public tensor(variable: string, layer: Layer): Tensor {
    return this.find(variable) ?? layer.malformed(`nothing has been written to '${printable(variable)}' before`);
  }

  public variable(name: string, layer: Layer): { readonly name: string; readonly type: Quantizer } {
    const { parameters, variables } = this.project.top;
    const found = [...parameters, ...variables].find((one) => one.name === name);
    if (found === undefined) return layer.malformed(`there is no variable '${printable(name)}'`);
    return { name, type: this.project.elementType(found.type) };
  }

  private original(variable: string): string {
    let name = variable;
    // An alias of an alias is possible; a circle is not C++.
    for (let depth = 0; depth < 100; depth += 1) {
      const of = this.project.top.aliases.get(name);
      if (of === undefined) return name;
      name = of;
    }
    return name;
  }
}
