import { stringify } from 'yaml';
import type { LayerSettings } from './network.js';

export interface ConfigParts {
  readonly project: string;
  readonly inputs: readonly { readonly name: string; readonly type: string }[];
  readonly part: string | undefined;
  /** Nanoseconds. */
  readonly clockPeriod: number | undefined;
  readonly stream: boolean;
  readonly layers: ReadonlyMap<string, LayerSettings>;
}

/** trigc.yaml of an imported project: one line for each input and each layer. */
export function printConfig({ project, inputs, part, clockPeriod, stream, layers }: ConfigParts): string {
  const target = {
    ...(part === undefined ? {} : { part }),
    ...(clockPeriod === undefined ? {} : { clock: `${clockPeriod}ns` }),
  };
  return [
    `# From the hls4ml project ${project}: types of ports and of sums, as its firmware has them.`,
    'inputs:',
    ...inputs.map(({ name, type }) => line(name, { type })),
    ...(Object.keys(target).length === 0 ? [] : [`target: ${flow(target)}`]),
    `hls: ${flow({ form: 'looped', interface: stream ? 'stream' : 'parallel' })}`,
    ...(layers.size === 0 ? [] : ['layers:']),
    ...[...layers].map(([name, settings]) => line(name, settings)),
    '',
  ].join('\n');
}

function line(name: string, value: object): string {
  return `  ${stringify(name, { lineWidth: 0 }).trim()}: ${flow(value)}`;
}

function flow(value: object): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim();
}
