import type { ModelGraph } from '../../model/kinds.js';
import type { CalibrationDetails } from '../calibration-details.js';
import type { EvaluationDetails } from '../evaluation-details.js';
import type { Figure } from '../figure.js';
import type { ExploredInterval } from '../interval-file.js';
import type { Manifest } from '../manifest.js';
import type { ReuseRow } from '../reuse-table.js';
import type { LayerSpan } from './layer-spans.js';

/** A figure by name, with the tool that gave it. */
export interface NamedFigure {
  readonly name: string;
  readonly figure: Figure;
  readonly tool: string;
}

/** What became of a budget. */
export interface BudgetRow {
  readonly status: string;
  readonly holds: boolean;
  readonly title: string;
  readonly explanation: string;
}

/** All that `report.html` shows. What was not measured is absent, and its section says how to measure it. */
export interface HtmlReportData {
  readonly manifest: Omit<Manifest, 'files'>;
  /** The final graph, typed. */
  readonly graph: ModelGraph;
  /** Estimated length of each combinational segment, ns. */
  readonly segments: readonly number[];
  readonly spans: readonly LayerSpan[];
  readonly figures: readonly NamedFigure[];
  /** By ONNX node. */
  readonly layers: readonly { readonly layer: string; readonly figures: readonly NamedFigure[] }[];
  readonly budgets: readonly BudgetRow[];
  /** By part of a layer, where hardware is reused between events. */
  readonly reuse?: readonly ReuseRow[];
  /** Of `trigc explore --ii` in the folder, in rising order. */
  readonly intervals?: readonly ExploredInterval[];
  readonly evaluation?: EvaluationDetails;
  readonly calibration?: CalibrationDetails;
}

/** A part of the page: `body` is HTML, safe already. */
export interface HtmlSection {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}
