import type { onnx } from 'onnx-proto';
import { importCodes } from '../../diagnostics/codes/import.js';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { DiagnosticError } from '../../diagnostics/result.js';
import { diagnose } from '../../diagnostics/diagnostic.js';
import { fixedPointType } from '../../numeric/fixed-point.js';
import type { ModelBuilder } from '../../model/builder.js';
import type { Shape } from '../../model/kinds.js';
import { ShapeError } from '../../model/shapes.js';
import { checkModel, nameOfTensor, reportCycle } from './checks.js';
import { FoldError } from './fold.js';
import { readInput } from './inputs.js';
import { NodeContext } from './node-context.js';
import type { ImportOptions } from './options.js';
import type { OnnxModel, OnnxNode, OnnxValueInfo } from './proto.js';
import type { ComputedValue, Value } from './session.js';
import { ImportSession } from './session.js';
import type { ModelSummary, NodeStatus, NodeSummary, UnsupportedNode } from './summary.js';
import { summarise } from './summary.js';
import { checkForm, opsetOf, supportOf } from './support.js';
import { readTensor } from './tensor-data.js';
import { Tensors } from './tensors.js';
import { reachable, sortNodes } from './topology.js';

/** Codes that say "Trigc cannot do this" rather than "this file is wrong". */
const unsupportedCodes: ReadonlySet<string> = new Set(
  [
    importCodes.unsupportedOperator,
    importCodes.unsupportedDomain,
    importCodes.unknownOperator,
    importCodes.localFunction,
    importCodes.unsupportedVariant,
    importCodes.unsupportedOutput,
    importCodes.subgraphOperator,
    importCodes.notConstant,
    importCodes.integerArithmetic,
  ].map((kind) => kind.code),
);

/**
 * Reads a decoded model node by node and keeps going after problems: a node that cannot be read makes its outputs
 * unknown, and nodes that need unknown tensors are only checked for the support of their operator.
 */
export class GraphReader {
  private readonly session: ImportSession;
  private readonly where: Location;
  private readonly values = new Map<string, Value>();
  private readonly unknown = new Set<string>();
  /** Outputs that a supported node has and Trigc does not produce: an error only where something needs them. */
  private readonly notProduced = new Map<string, OnnxNode>();
  /** Labels, and what is made of them. */
  private readonly dropped = new Set<string>();
  private readonly initializers: ReadonlyMap<string, onnx.ITensorProto>;
  private readonly ports: readonly OnnxValueInfo[];
  private readonly nodeSummaries = new Map<OnnxNode, NodeSummary>();
  private readonly unsupported: UnsupportedNode[] = [];

  public constructor(
    private readonly model: OnnxModel,
    private readonly options: ImportOptions,
    private readonly builder: ModelBuilder,
  ) {
    this.session = new ImportSession(builder, options.modelPath);
    this.where = { model: options.modelPath };
    const { graph } = model;
    this.initializers = new Map(graph.initializers.map((tensor) => [nameOfTensor(tensor), tensor] as const));
    // An input that has an initialiser is a constant with a name; of two inputs with one name the first counts.
    const named = new Map(graph.inputs.map((port) => [port.name, port] as const));
    this.ports = [...named.values()].filter(({ name }) => !this.initializers.has(name));
  }

  public get diagnostics(): readonly Diagnostic[] {
    return this.session.bag.diagnostics;
  }

  public get hasErrors(): boolean {
    return this.session.bag.hasErrors;
  }

  /** Fill the builder; problems are in `diagnostics` afterwards. */
  public read(): void {
    const { graph } = this.model;
    const { bag } = this.session;
    checkModel(this.model, bag, this.where);
    if (this.ports.length === 0) bag.add(importCodes.noInputs, 'no graph input is left to compute from', this.where);
    this.readInputs();
    const { sorted, cyclic } = sortNodes(graph.nodes);
    const outputs = graph.outputs.map((output) => output.name);
    const needed = outputs.length === 0 ? new Set(graph.nodes) : reachable(graph.nodes, outputs);
    reportCycle(cyclic, bag, this.where);
    for (const node of cyclic) for (const name of node.outputs) this.unknown.add(name);
    for (const node of [...sorted, ...cyclic]) {
      if (needed.has(node)) this.readNode(node);
      else this.note(node, 'unused');
    }
    for (const output of graph.outputs) this.readOutput(output);
    if (graph.outputs.length > 0 && graph.outputs.every(({ name }) => this.dropped.has(name))) {
      bag.add(importCodes.noOutputs, 'all graph outputs are labels', this.where);
    }
  }

  public get summary(): ModelSummary {
    return summarise(
      this.model,
      this.ports,
      (name) => this.values.get(name)?.shape,
      this.nodeSummaries,
      this.unsupported,
    );
  }

  private readInputs(): void {
    let declared: number | undefined = 1;
    for (const port of this.ports) {
      this.guard(undefined, [port.name], () => {
        const { type, shape, batch } = readInput(port, this.options.batch?.get(port.name), this.options.modelPath);
        const provenance = { name: port.name, operator: 'Input' };
        this.session.claimElements(shape, provenance);
        const integer = 'integer' in type ? type.integer : undefined;
        const types = integer === undefined ? [] : [fixedPointType(integer.signed, integer.bits, integer.bits)];
        const fields = { name: port.name, types, rounding: 'RND_CONV', overflow: 'SAT' } as const;
        const value: ComputedValue = { kind: 'computed', node: this.builder.input(fields, shape, provenance), shape };
        this.values.set(port.name, integer === undefined ? value : { ...value, integer });
        if (batch === undefined) return;
        if (batch.declared !== undefined && batch.declared > 1) {
          const message = `input '${printable(port.name)}' declares a batch of ${batch.declared}`;
          this.session.bag.add(importCodes.fixedBatch, message, this.where);
        }
        // Several inputs share one batch: an open or larger one says more than a 1.
        if (declared === 1) ({ declared } = batch);
      });
    }
    this.session.batch = { declared };
  }

  private readNode(node: OnnxNode): void {
    if (node.inputs.some((name) => this.dropped.has(name))) {
      for (const name of node.outputs) this.dropped.add(name);
      this.note(node, 'unused');
      return;
    }
    let entry: ReturnType<typeof supportOf> | undefined;
    const supported = this.guard(node, node.outputs, () => {
      entry = supportOf(node, this.model, this.options.modelPath);
    });
    const operands = node.inputs.map((name) => (name === '' ? undefined : this.resolve(name, node)));
    if (!supported || entry === undefined) return;
    if (node.inputs.some((name, index) => name !== '' && operands[index] === undefined)) {
      for (const name of node.outputs) this.unknown.add(name);
      this.note(node, 'not checked');
      return;
    }
    // Optional inputs at the end may be left out or empty: both mean the same.
    while (operands.length > 0 && operands[operands.length - 1] === undefined) operands.pop();
    const opset = opsetOf(node, this.model);
    const context = new NodeContext(this.session, node, opset, operands, this.options.readExternal);
    const { handler } = entry;
    const form = entry;
    const done = this.guard(node, node.outputs, () => {
      checkForm(context, form);
      const results = handler(context);
      node.outputs.forEach((name, index) => {
        const value = results[index];
        if (name === '') return;
        if (value === undefined && form.labels?.includes(index) === true) this.dropped.add(name);
        else if (value === undefined) this.notProduced.set(name, node);
        else this.values.set(name, value);
      });
    });
    if (!done) return;
    const [first = ''] = node.outputs;
    this.note(node, this.values.get(first)?.kind === 'constant' ? 'constant' : 'supported', context.quantizer);
  }

  /** The tensor of a name; undefined when it is unknown because of a problem, which has been reported by then. */
  private resolve(name: string, user: OnnxNode | undefined): Value | undefined {
    const known = this.values.get(name);
    if (known !== undefined || this.unknown.has(name)) return known;
    const location = user === undefined ? this.where : { ...this.where, node: user.label };
    const initializer = this.initializers.get(name);
    if (initializer !== undefined) {
      this.guard(undefined, [name], () => {
        const tensor = readTensor(initializer, this.options.readExternal, location);
        const provenance = { name, operator: 'Initializer' };
        this.values.set(name, { kind: 'constant', tensor, shape: tensor.shape, provenance });
      });
      return this.values.get(name);
    }
    this.unknown.add(name);
    const { bag } = this.session;
    const producer = this.notProduced.get(name);
    const text = `tensor '${printable(name)}'`;
    if (producer !== undefined) {
      const place = { ...this.where, node: producer.label };
      bag.add(
        importCodes.unsupportedOutput,
        `${text} is an output of ${printable(producer.operator)} that is not supported`,
        place,
      );
    } else if (this.model.graph.sparseInitializers.includes(name)) {
      bag.add(importCodes.sparseTensor, `${text} is stored sparsely`, location);
    } else {
      bag.add(importCodes.missingTensor, `${text} has no value`, location);
    }
    return undefined;
  }

  private readOutput(port: OnnxValueInfo): void {
    if (this.dropped.has(port.name)) {
      this.session.bag.add(importCodes.labelDropped, `output '${printable(port.name)}' has no port`, this.where);
      return;
    }
    const value = this.resolve(port.name, undefined);
    if (value === undefined) return;
    const { shape } = value;
    const declared = port.tensor?.dimensions;
    if (declared !== undefined && contradicts(declared, shape)) {
      const message = `output '${printable(port.name)}' is declared as [${declared.map(String).map(printable).join(', ')}] and computed as [${shape.join(', ')}]`;
      this.session.bag.add(importCodes.declaredShape, message, this.where);
    }
    this.guard(undefined, [port.name], () => {
      const tensors = new Tensors(this.session, { name: port.name, operator: 'Output' });
      this.builder.output(port.name, tensors.nodeOf(value));
    });
  }

  /** Run a part of the reading; a problem is recorded and makes `outputs` unknown. */
  private guard(node: OnnxNode | undefined, outputs: readonly string[], body: () => void): boolean {
    try {
      body();
      return true;
    } catch (error) {
      const diagnostics = this.diagnosticsOf(error, node);
      this.session.bag.addAll(diagnostics);
      for (const name of outputs) this.unknown.add(name);
      if (node !== undefined) this.noteProblem(node, diagnostics);
      return false;
    }
  }

  private diagnosticsOf(error: unknown, node: OnnxNode | undefined): readonly Diagnostic[] {
    if (error instanceof DiagnosticError) return error.diagnostics;
    const location = node === undefined ? this.where : { ...this.where, node: node.label };
    if (error instanceof ShapeError) return [diagnose(importCodes.shapes, error.message, location)];
    if (error instanceof FoldError) return [diagnose(importCodes.operandValue, error.message, location)];
    throw error;
  }

  private noteProblem(node: OnnxNode, diagnostics: readonly Diagnostic[]): void {
    const reasons = diagnostics.filter((diagnostic) => unsupportedCodes.has(diagnostic.code));
    for (const { message, hint } of reasons) {
      this.unsupported.push({ name: node.label, operator: node.operator, reason: message, remedy: hint ?? '' });
    }
    this.note(node, reasons.length > 0 ? 'unsupported' : 'invalid');
  }

  private note(node: OnnxNode, status: NodeStatus, quantizer?: string): void {
    this.nodeSummaries.set(node, {
      name: node.label,
      operator: node.operator,
      domain: node.domain,
      status,
      outputs: node.outputs.map((name) => ({ name, shape: this.values.get(name)?.shape })),
      quantizer,
    });
  }
}

/** Dimension 0 is the event in most outputs, and symbolic or empty dimensions say nothing. */
function contradicts(declared: readonly (number | string)[], shape: Shape): boolean {
  if (declared.length !== shape.length) return true;
  return declared.some(
    (dimension, axis) =>
      typeof dimension === 'number' && dimension > 0 && dimension !== shape[axis] && !(axis === 0 && shape[0] === 1),
  );
}
