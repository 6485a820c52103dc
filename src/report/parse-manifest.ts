import type { FixedPointType } from '../numeric/fixed-point.js';
import { parseQuantizer, printType } from '../numeric/fixed-point.js';
import type { ModelGraph, ModelNodeOf } from '../model/kinds.js';
import { elementCount, perElement } from '../model/kinds.js';
import { isLegalName } from '../support/legal-names.js';
import type { Manifest, ManifestPort } from './manifest.js';
import { MANIFEST_VERSION } from './manifest.js';

/** Far beyond the latency of any schedule. */
export const MAXIMUM_LATENCY = 10_000;

type Entries = Readonly<Record<string, unknown>>;

/** Throws RangeError with a sentence when the text is not a manifest that this version reads. */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError('it is not JSON');
  }
  if (!isRecord(value) || value['schema'] !== 'trigc-manifest') throw new RangeError('it is not a Trigc manifest');
  if (value['version'] !== MANIFEST_VERSION) {
    throw new RangeError(`it has version ${String(value['version'])}; this Trigc reads version ${MANIFEST_VERSION}`);
  }
  const wrong = Object.entries(entryChecks).find(([key, check]) => !check(value[key]));
  if (wrong !== undefined) throw new RangeError(`its entry '${wrong[0]}' is missing or wrong`);
  const manifest = value as unknown as Manifest;
  checkWiring(manifest);
  return manifest;
}

/** Throws RangeError when the ports of a manifest are not those of the graph. */
export function checkManifestPorts(manifest: Manifest, graph: ModelGraph): void {
  const inputs = graph.nodes.filter((node): node is ModelNodeOf<'input'> => node.kind === 'input');
  checkSide('input', manifest.inputs, inputs);
  const outputs = graph.outputs.map(({ name, node, types }) => ({
    name,
    types,
    shape: graph.nodes[node]?.shape ?? [],
  }));
  checkSide('output', manifest.outputs, outputs);
}

interface GraphPort {
  readonly name: string;
  readonly types: readonly FixedPointType[];
  readonly shape: readonly number[];
}

function checkSide(side: string, given: readonly ManifestPort[], wanted: readonly GraphPort[]): void {
  if (given.length !== wanted.length) {
    throw new RangeError(`${given.length} ${side}s in the manifest, ${wanted.length} in the graph`);
  }
  given.forEach(({ name, elements }, index) => {
    const port = wanted[index];
    const same =
      port?.name === name &&
      elements.length === elementCount(port.shape) &&
      elements.every(({ type }, element) => type === printType(perElement(port.types, element)));
    if (!same) throw new RangeError(`${side} ${index} of the manifest is not the one of the graph`);
  });
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isRecord = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Names are pasted into scripts of tools: nothing but identifiers that we could have made. */
const isIdentifier = (value: unknown): value is string => isText(value) && isLegalName(value);
const isListOf = (value: unknown, check: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);

/** What each entry that Trigc reads must be. */
const entryChecks: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isText,
  top: isIdentifier,
  clock: (value) => isRecord(value) && (value['port'] === null || isIdentifier(value['port'])),
  latency: (value) => isCount(value) && value <= MAXIMUM_LATENCY,
  initiationInterval: (value) => isCount(value) && value >= 1 && value <= MAXIMUM_LATENCY,
  interface: (value) => isRecord(value) && typeof value['valid'] === 'boolean',
  inputs: (value) => isListOf(value, isPort),
  outputs: (value) => isListOf(value, isPort),
  decisions: (value) => value === undefined || isListOf(value, isDecision),
  files: (value) => isListOf(value, (file) => isRecord(file) && isInnerPath(file['path']) && isText(file['sha256'])),
};

function isPort(value: unknown): boolean {
  if (!isRecord(value) || !isText(value['name']) || !isListOf(value['elements'], isElement)) return false;
  return [value['scale'], value['zeroPoint']].every((number) => number === undefined || isRational(number));
}

function isElement(value: unknown): boolean {
  if (!isRecord(value) || !isIdentifier(value['port']) || !isCount(value['low'])) return false;
  return isTypeText(value['type']) && (value['clock'] === undefined || isCount(value['clock']));
}

/** `-3`, `3/4` */
function isRational(value: unknown): boolean {
  return isText(value) && /^-?\d+(?:\/[1-9]\d*)?$/u.test(value);
}

function isDecision(value: unknown): boolean {
  if (!isRecord(value) || !isCount(value['element'])) return false;
  return ['name', 'output', 'comparison', 'threshold', 'code'].every((key) => isText(value[key]));
}

function isTypeText(value: unknown): boolean {
  if (!isText(value)) return false;
  try {
    return printType(parseQuantizer(value).type) === value;
  } catch {
    return false;
  }
}

/** A plain relative path: a manifest from elsewhere must not point outside its folder. */
function isInnerPath(value: unknown): boolean {
  return isText(value) && /^[\w.-]+(?:\/[\w.-]+)*$/u.test(value) && !value.split('/').includes('..');
}

/** Every element lies within its RTL port, which has no padding, and no port is on both sides. */
function checkWiring({ inputs, outputs, clock, initiationInterval }: Manifest): void {
  const seen = new Set(clock.port === null ? [] : [clock.port]);
  for (const side of [inputs, outputs]) {
    const elements = side.flatMap((port) =>
      port.elements.map(({ port: name, low, type, clock = 0 }) => {
        return { name, low, width: parseQuantizer(type).type.width, clock };
      }),
    );
    const widths = new Map<string, number>();
    // What comes later comes on the wires of what came first.
    for (const { name, width, clock } of elements) if (clock === 0) widths.set(name, (widths.get(name) ?? 0) + width);
    for (const name of widths.keys()) {
      if (seen.has(name)) throw new RangeError(`port '${name}' is there twice`);
      seen.add(name);
    }
    const outside = elements.find(({ name, low, width }) => low + width > (widths.get(name) ?? 0));
    if (outside !== undefined) throw new RangeError(`an element of port '${outside.name}' lies outside it`);
    const late = elements.find((element) => element.clock >= initiationInterval);
    if (late !== undefined) throw new RangeError(`an element of port '${late.name}' comes after the interval`);
  }
}
