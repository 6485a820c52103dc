import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { DecisionDeclaration } from '../passes/model/add-decisions.js';
import { decisionKeys } from './keys.js';
import type { ConfigReader } from './reader.js';
import type { ConfigNode } from './yaml-tree.js';

/** Outputs with more elements than this have no score to compare. */
const MAXIMUM_ELEMENT = 1_000_000;

/** `decisions`: thresholds on outputs. `file` is for messages. */
export function readDecisions(
  reader: ConfigReader,
  node: ConfigNode,
  path: string,
  file: string,
): readonly DecisionDeclaration[] {
  const decisions = (reader.list(node, path) ?? []).flatMap(
    (item, index) => readDecision(reader, item, `${path}.${index}`, file) ?? [],
  );
  const seen = new Set<string>();
  for (const { name, location } of decisions) {
    const { line = 1, column = 1, configPath = path } = location;
    if (seen.has(name)) {
      const message = `there are two decisions '${printable(name)}'`;
      reader.report(configCodes.badDecision, message, { line, column }, configPath);
    }
    seen.add(name);
  }
  return decisions;
}

function readDecision(
  reader: ConfigReader,
  node: ConfigNode,
  path: string,
  file: string,
): DecisionDeclaration | undefined {
  let name: string | undefined;
  let output: string | undefined;
  let element: number | undefined;
  const thresholds: Pick<DecisionDeclaration, 'comparison' | 'threshold'>[] = [];
  let given = 0;
  const compare = (comparison: DecisionDeclaration['comparison']) => (value: ConfigNode, at: string) => {
    given++;
    const threshold = readThreshold(reader, value, at);
    if (threshold !== undefined) thresholds.push({ comparison, threshold });
  };
  reader.object(node, path, decisionKeys, {
    name: (value, at) => {
      name = reader.scalar(value, at)?.text;
    },
    output: (value, at) => {
      output = reader.scalar(value, at)?.text;
    },
    element: (value, at) => {
      element = reader.integer(value, at, configCodes.badElement, 0, MAXIMUM_ELEMENT);
    },
    above: compare('above'),
    at_least: compare('at_least'),
  });
  if (node.kind === 'map' && !node.entries.has('name')) {
    reader.report(configCodes.badDecision, 'a decision needs a name', node.position, path);
  }
  if (given !== 1 && node.kind === 'map') {
    reader.report(configCodes.badDecision, 'a decision takes one of above and at_least', node.position, path);
  }
  const [threshold] = thresholds;
  if (name === undefined || threshold === undefined || given !== 1) return undefined;
  return {
    name,
    ...(output === undefined ? {} : { output }),
    ...(element === undefined ? {} : { element }),
    ...threshold,
    location: { model: file, ...node.position, configPath: path },
  };
}

/** A real value, or `{ code: 4150 }`. */
function readThreshold(
  reader: ConfigReader,
  node: ConfigNode,
  path: string,
): DecisionDeclaration['threshold'] | undefined {
  if (node.kind !== 'map') {
    const value = reader.decimal(node, path);
    return value === undefined ? undefined : { value };
  }
  let code: bigint | undefined;
  const keys = { code: { description: '', schema: {} } } as const;
  reader.object(node, path, keys, {
    code: (value, at) => {
      const text = reader.scalar(value, at)?.text;
      if (text === undefined) return;
      if (/^\s*[+-]?\d{1,1000}\s*$/u.test(text)) code = BigInt(text.trim().replace(/^\+/u, ''));
      else reader.report(configCodes.badNumber, `'${printable(text)}' is not a whole number`, value.position, at);
    },
  });
  return code === undefined ? undefined : { code };
}
