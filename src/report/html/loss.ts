import type { EvaluationDetails } from '../evaluation-details.js';
import type { HtmlSection } from './data.js';
import { formatNumber } from './escape.js';
import { EVALUATE_COMMAND } from './physics.js';
import type { Cell } from './table.js';
import { missing, shareBar, table } from './table.js';

/** Which quantiser costs how much. */
export function lossSection(evaluation: EvaluationDetails | undefined): HtmlSection {
  const head = { id: 'loss', title: 'Loss by layer' };
  const layers = evaluation?.layers;
  if (layers === undefined) {
    return {
      ...head,
      body: missing('Not measured yet. Each quantiser alone against the float model:', EVALUATE_COMMAND),
    };
  }
  const most = Math.max(...layers.quantisers.map(({ alone }) => alone.rms), Number.MIN_VALUE);
  const rows = layers.quantisers.map(({ name, types, alone, without, firstDivergence }): Cell[] => [
    name,
    types.length > 1 ? `${types[0] ?? ''} and ${types.length - 1} more` : (types[0] ?? ''),
    shareBar(alone.rms / most, formatNumber(alone.rms, 3)),
    formatNumber(without.rms, 3),
    alone.aucLoss === undefined ? '' : formatNumber(alone.aucLoss, 2),
    alone.efficiencyLoss === undefined ? '' : `${formatNumber(100 * alone.efficiencyLoss, 2)} %`,
    formatNumber(firstDivergence, 9),
  ]);
  const { total } = layers;
  const caption =
    `What each quantiser costs on ${formatNumber(layers.events, 9)} events of each sample; all together: RMS ` +
    `${formatNumber(total.rms, 3)}. Alone: the float model with this one only; without: the fixed model but for this one; ` +
    'events first: those for which it is the first to change a value. Losses do not add up: errors cancel and mask.';
  const columns = [
    'quantiser',
    'type',
    'RMS alone',
    'RMS without',
    'AUC lost alone',
    `efficiency lost alone${layers.point === undefined ? '' : ` at ${layers.point}`}`,
    'events first',
  ];
  return { ...head, body: table(caption, columns, rows, new Set([3, 4, 5, 6])) };
}
