import { markdownCell as cell } from './markdown.js';

/** What pruning did to the constant products of one layer; LUTs are those of its adders, solved at effort fast. */
export interface PruningRow {
  /** ONNX node. */
  readonly name: string;
  readonly lutsBefore: number;
  readonly lutsAfter: number;
  readonly weightsBefore: number;
  readonly weightsAfter: number;
  readonly digitsBefore: number;
  readonly digitsAfter: number;
}

/** Markdown: a row for each layer, and their sum. */
export function pruningTable(layers: readonly PruningRow[]): readonly string[] {
  const total = (key: Exclude<keyof PruningRow, 'name'>): number => layers.reduce((sum, layer) => sum + layer[key], 0);
  const row = (name: string, value: (key: Exclude<keyof PruningRow, 'name'>) => number): string =>
    `| ${name} | ${value('lutsBefore')} | ${value('lutsAfter')} | ${value('weightsBefore')} | ${value('weightsAfter')} | ` +
    `${value('digitsBefore')} | ${value('digitsAfter')} |`;
  return [
    '| layer | LUT of its products before | after | weights before | after | signed digits before | after |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...layers.map((layer) => row(cell(layer.name), (key) => layer[key])),
    row('all', total),
  ];
}
