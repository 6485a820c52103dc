import type { PrecisionPlan } from '../passes/model/precision/plan.js';
import { parsePrecision, printPrecision } from '../passes/model/precision/precision-file.js';
import type { GoalFigures } from './goals.js';

const SCHEMA = 'trigc-search-point';
const VERSION = 1;

/** What a search keeps of one candidate: enough to go on as if it had just been measured. */
export interface PointRecord {
  readonly plan: PrecisionPlan;
  readonly figures: GoalFigures;
}

/** Points of a search by key; whoever makes it sees to it that keys of different searches differ. */
export interface PointStore {
  readonly get: (key: string) => PointRecord | undefined;
  readonly put: (key: string, record: PointRecord) => void;
}

/** JSON text; reads back to the same record. `model`: SHA-256 of the model. */
export function printPoint(model: string, { plan, figures }: PointRecord): string {
  const precision: unknown = JSON.parse(printPrecision({ model, plan }));
  return `${JSON.stringify({ schema: SCHEMA, version: VERSION, figures, precision })}\n`;
}

/** Undefined where the text is no whole record of this version for this model: then the point is measured again. */
export function parsePoint(model: string, text: string): PointRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json['schema'] !== SCHEMA || json['version'] !== VERSION) return undefined;
  const figures = readFigures(json['figures']);
  const file = parsePrecision(JSON.stringify(json['precision']), 'point');
  if (figures === undefined || !file.ok || file.value.model !== model) return undefined;
  return { plan: file.value.plan, figures };
}

function readFigures(json: unknown): GoalFigures | undefined {
  if (!isRecord(json)) return undefined;
  const figures: Record<string, GoalFigures[string]> = {};
  for (const [name, figure] of Object.entries(json)) {
    if (!isRecord(figure)) return undefined;
    const { value, unit, origin } = figure;
    const known = origins.find((each) => each === origin);
    if (typeof value !== 'number' || typeof unit !== 'string' || known === undefined) return undefined;
    figures[name] = { value, unit, origin: known };
  }
  return figures;
}

/** Origins that a candidate's figures have. */
const origins = ['exact', 'estimate', 'evaluation'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
