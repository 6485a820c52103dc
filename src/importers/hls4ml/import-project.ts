import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { attempt, DiagnosticError, fail, failure, success } from '../../diagnostics/result.js';
import { printQuantizer } from '../../numeric/fixed-point.js';
import { findPart } from '../../targets/parts.js';
import { closestWord } from '../../support/suggest.js';
import type { LayerCall } from './cpp-text.js';
import { printConfig } from './config-text.js';
import { layerReaders } from './layers.js';
import type { Tensor } from './network.js';
import { Layer, Network } from './network.js';
import type { ReadText } from './project.js';
import { Hls4mlProject } from './project.js';

/** A project of hls4ml as a model and its configuration. */
export interface ImportedProject {
  readonly name: string;
  readonly backend: string;
  /** ONNX, opset 13. */
  readonly model: Uint8Array;
  /** trigc.yaml. */
  readonly config: string;
  readonly layers: readonly { readonly name: string; readonly function: string }[];
  /** What the project says and neither file does, in sentences. */
  readonly left: readonly string[];
}

/**
 * The network of a written hls4ml project, from its firmware: topology from `<project>.cpp`, sizes from `parameters.h`,
 * types from `defines.h`, values from `weights/`. Model and configuration together give the same bits as the project's
 * C simulation. `until` names the layer to end at, where the project goes on with what has no counterpart.
 */
export function importProject(read: ReadText, until?: string): Result<ImportedProject> {
  const opened = attempt(() => new Hls4mlProject(read));
  if (!opened.ok) return opened;
  const project = opened.value;
  const network = new Network(project);
  const built = attempt(() => buildNetwork(network, until));
  if (!built.ok) return failure([...network.bag.diagnostics, ...built.diagnostics]);
  if (network.bag.hasErrors) return failure(network.bag.diagnostics);
  const { inputs, outputs, layers } = built.value;
  const { settings } = project;
  const part = settings.part === undefined ? undefined : knownPart(settings.part);
  if (settings.part !== undefined && part === undefined)
    network.left.push(`part ${settings.part}, which Trigc does not know`);
  return success({
    name: settings.name,
    backend: settings.backend,
    model: network.file.encode(settings.name, inputs, outputs),
    config: printConfig({
      project: settings.name,
      inputs: inputs.map(({ name, type }) => ({ name, type: printQuantizer(type) })),
      part,
      clockPeriod: settings.clockPeriod,
      stream: settings.stream,
      layers: network.settings,
    }),
    layers,
    left: network.left,
  });
}

function knownPart(name: string): string | undefined {
  const found = findPart(name);
  return 'part' in found ? found.part.name : undefined;
}

interface Built {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly layers: readonly { readonly name: string; readonly function: string }[];
}

function buildNetwork(network: Network, until: string | undefined): Built {
  const { project } = network;
  const { calls, parameters } = project.top;
  const written = new Set(calls.flatMap((call) => call.operands.slice(1)));
  const inputs = parameters
    .filter(({ name }) => !written.has(name) && !project.top.aliases.has(name))
    .map(({ name, type, size }) => ({ name, type: project.elementType(type), shape: inputShape(project, name, size) }));
  for (const input of inputs) network.define(input.name, input);
  const last = until === undefined ? calls.length : 1 + lastCall(project, until);
  const layers: { name: string; function: string }[] = [];
  for (const call of calls.slice(0, last)) {
    const layer = readLayer(network, call);
    if (layer !== undefined) layers.push({ name: layer, function: call.function });
  }
  if (network.bag.hasErrors) throw new DiagnosticError([]);
  const ends = until === undefined ? parameters.map(({ name }) => name) : (calls[last - 1]?.operands.slice(1, 2) ?? []);
  const outputs = ends
    .filter((name) => !inputs.some((input) => input.name === name))
    .map((name) => {
      const tensor = network.find(name);
      return (
        tensor ?? fail(hls4mlCodes.malformed, `nothing is written to '${printable(name)}'`, { model: project.topFile })
      );
    });
  if (outputs.length === 0) fail(hls4mlCodes.malformed, 'the network has no output', { model: project.topFile });
  return { inputs, outputs, layers };
}

/** Read one call; returns the layer's name. What has no counterpart is collected, and what depends on it passed over. */
function readLayer(network: Network, call: LayerCall): string | undefined {
  const lost = call.operands.some((operand) => network.isLost(operand));
  const reader = layerReaders.get(call.function);
  const layer = new Layer(network, call);
  const read = attempt(() => {
    if (reader === undefined) layer.noCounterpart(`nnet::${printable(call.function)}`);
    else if (!lost) reader(layer);
  });
  if (read.ok && !lost) return layer.name;
  if (!read.ok) network.bag.addAll(read.diagnostics);
  network.lose(call.operands.slice(1));
  return undefined;
}

function inputShape(project: Hls4mlProject, name: string, size: string | undefined): readonly number[] {
  const sizes = size?.split('*').map((factor) => project.valueOf(factor.trim(), undefined));
  const known = sizes?.filter((value) => value !== undefined);
  const shape = known !== undefined && known.length === sizes?.length ? known : project.settings.inputShapes.get(name);
  if (shape?.every((dimension) => Number.isInteger(dimension) && dimension > 0) === true) return shape;
  return fail(hls4mlCodes.malformed, `the shape of input '${printable(name)}' stands nowhere`, {
    model: project.topFile,
  });
}

function lastCall(project: Hls4mlProject, until: string): number {
  const index = project.top.calls.findIndex(({ name }) => name === until);
  if (index !== -1) return index;
  const names = project.top.calls.map(({ name }) => name);
  const close = closestWord(until, names);
  const message = `there is no layer '${printable(until)}'${close === undefined ? '' : `; did you mean '${printable(close)}'?`}`;
  return fail(hls4mlCodes.noSuchLayer, message, { configPath: '--until' });
}
