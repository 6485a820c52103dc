import type { Budget } from '../budget/parse.js';
import { parseBudget } from '../budget/parse.js';
import { pointOfFigure } from '../budget/vocabulary.js';
import { printPoint } from '../evaluation/operating-point.js';
import { scoreFigureNames } from './goals.js';

/** Figures that a network which decides differently, but no worse, can have at zero or below. */
const oneSided: ReadonlySet<string> = new Set(['efficiency_loss', 'auc_loss', 'accuracy_loss']);
/** What still counts as the same function: two of three accepted background events, most ranks, most decisions. */
const LARGEST_EXCHANGE = '33%';
const LEAST_CORRELATION = '0.9';
const LARGEST_DISAGREEMENT = '20%';

/**
 * Goals that have to be added where all given ones are one-sided: a cheaper network that accepts other events would meet
 * them, by having learnt something else. None where a goal names a figure of agreement: then the user has said what has to
 * stay the same.
 */
export function guardGoals(goals: readonly Budget[], kind: 'score' | 'classes'): readonly Budget[] {
  const names = scoreFigureNames(goals);
  const figures = names.map((name) => pointOfFigure(name)?.figure ?? name);
  if (figures.length === 0 || !figures.every((figure) => oneSided.has(figure))) return [];
  if (kind === 'classes') return [parseBudget(`argmax_disagreement < ${LARGEST_DISAGREEMENT}`)];
  const points = names.flatMap((name) => pointOfFigure(name)?.point ?? []);
  const texts = points.map((point) => `exchange(${printPoint(point)}) < ${LARGEST_EXCHANGE}`);
  if (figures.includes('auc_loss')) texts.push(`rank_correlation > ${LEAST_CORRELATION}`);
  return [...new Set(texts)].map((text) => parseBudget(text));
}
