import type { HtmlReportData, HtmlSection, NamedFigure } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { BUNCH_CROSSING, everyClock } from './latency.js';
import { EVALUATE_COMMAND } from './physics.js';
import { resourceName, sharePercent } from './resources.js';
import { missing, table } from './table.js';

type Card = readonly [label: string, value: string, remark: string, style?: 'good' | 'bad'];

/** The figures that are asked for first, as cards. */
export function overviewCards({ manifest, figures, budgets, evaluation }: HtmlReportData): string {
  const period = manifest.clock.periodNanoseconds;
  const latency = manifest.latency * period;
  const broken = budgets.filter(({ holds }) => !holds).length;
  const cards: readonly Card[] = [
    [
      'latency',
      `${formatNumber(latency)} ns`,
      `${formatNumber(latency / BUNCH_CROSSING)} BX, ${manifest.latency} clocks`,
    ],
    ['clock', `${formatNumber(period)} ns`, everyClock(manifest.initiationInterval)],
    ...['lut', 'flip_flops', 'dsp'].flatMap((name) => resourceCard(name, figures)),
    verificationCard(figures),
    ...(budgets.length === 0
      ? []
      : [
          [
            'budgets',
            broken === 0 ? 'all hold' : `${broken} of ${budgets.length} open`,
            broken === 0 ? `${budgets.length} of trigc.yaml` : 'failed, refused or not measured',
            broken === 0 ? 'good' : 'bad',
          ] as const,
        ]),
    ...(evaluation === undefined ? [] : [physicsCard(evaluation.result)]),
  ];
  const printed = cards.map(
    ([label, value, remark, style]) =>
      `<div class="card"><dt>${escapeHtml(label)}</dt><dd${style === undefined ? '' : ` class="${style}"`}>` +
      `${escapeHtml(value)}<small>${escapeHtml(remark)}</small></dd></div>`,
  );
  return `<dl class="cards">${printed.join('')}</dl>`;
}

/** Of the figures of that name, the one closest to the device. */
function resourceCard(name: string, figures: readonly NamedFigure[]): readonly Card[] {
  const found = figures.findLast((entry) => entry.name === name)?.figure;
  if (found === undefined) return [];
  const { value, share, origin } = found;
  const remark = share === undefined ? origin : `${sharePercent(share)} of the part, ${origin}`;
  return [[resourceName(name), formatNumber(value, 6), remark]];
}

function verificationCard(figures: readonly NamedFigure[]): Card {
  const label = 'RTL against emulator';
  const mismatches = figures.find(({ name }) => name === 'mismatches');
  if (mismatches === undefined) return [label, 'not yet', 'trigc verify DIR'];
  const vectors = figures.find(({ name }) => name === 'vectors')?.figure.value;
  const remark = `${vectors === undefined ? '' : `${formatNumber(vectors, 9)} vectors, `}${mismatches.tool.replace(/ .*/u, '')}`;
  const { value } = mismatches.figure;
  return value === 0
    ? [label, 'bit-exact', remark, 'good']
    : [label, `${formatNumber(value, 9)} differ`, remark, 'bad'];
}

function physicsCard(result: NonNullable<HtmlReportData['evaluation']>['result']): Card {
  if (result.kind === 'classes') return ['AUC lost', formatNumber(result.macroAucLoss.value, 2), 'mean of the classes'];
  const { rankCorrelation } = result.background.agreement;
  return [
    'rank correlation',
    rankCorrelation === null ? 'undefined' : rankCorrelation.toFixed(5),
    'float and fixed score',
  ];
}

/** What no command has measured yet, in one place; nothing where all is there. */
export function missingSection(data: HtmlReportData): string {
  const { figures, calibration, evaluation, manifest } = data;
  const has = (name: string, ...origins: readonly string[]): boolean =>
    figures.some((entry) => entry.name === name && (origins.length === 0 || origins.includes(entry.figure.origin)));
  const open: readonly (readonly [string, string])[] = [
    ...(has('mismatches') ? [] : [['the proof that RTL and emulator agree', 'trigc verify DIR'] as const]),
    ...(has('lut', 'yosys', 'csynth', 'synth', 'impl')
      ? []
      : [['resources counted by synthesis, also by layer', 'trigc synth DIR --layers'] as const]),
    ...(has('lut', 'synth', 'impl') || manifest.target.part === 'generic'
      ? []
      : [['resources and timing by Vivado', 'trigc import-reports DIR --vivado-utilization FILE'] as const]),
    ...(calibration === undefined
      ? [['ranges and overflows on data', 'trigc compile MODEL --data EVENTS'] as const]
      : []),
    ...(evaluation === undefined ? [['physics, float against fixed', EVALUATE_COMMAND] as const] : []),
  ];
  if (open.length === 0) return '';
  const items = open.map(([what, command]) => `<li>${escapeHtml(what)}: <code>${escapeHtml(command)}</code></li>`);
  return (
    `<aside class="missing"><p>Not measured yet; <code>trigc report DIR</code> renews this page afterwards.</p>` +
    `<ul>${items.join('')}</ul></aside>`
  );
}

export function budgetSection({ budgets }: HtmlReportData): HtmlSection {
  const head = { id: 'budgets', title: 'Budgets' };
  if (budgets.length === 0) {
    return {
      ...head,
      body: missing(
        'trigc.yaml declared none. With budgets in it, their outcome stands here and is checked by',
        'trigc check DIR',
      ),
    };
  }
  const rows = budgets.map(({ status, holds, title, explanation }) => [
    title,
    { html: `<strong class="${holds ? 'good' : 'bad'}">${escapeHtml(status)}</strong>` },
    explanation,
  ]);
  return { ...head, body: table('Budgets and what became of them', ['budget', 'outcome', 'figures'], rows) };
}

export function provenanceSection({ manifest, figures }: HtmlReportData): HtmlSection {
  const tools = [...new Set(figures.map(({ figure, tool }) => `${figure.origin}: ${tool}`))];
  const rows = [
    ['model', `${manifest.model.file}, SHA-256 ${manifest.model.sha256}`],
    ['configuration', manifest.config === null ? 'none' : `${manifest.config.file}, SHA-256 ${manifest.config.sha256}`],
    ['compiler', `Trigc ${manifest.compiler}`],
    ['target', `${manifest.target.name}, part ${manifest.target.part}`],
    ['search', `effort ${manifest.search.effort}, seed ${manifest.search.seed}, solver ${manifest.search.solver}`],
    ...tools.map((text) => ['figures', text]),
  ];
  return {
    id: 'provenance',
    title: 'Provenance',
    body: table('What this report was made from', ['what', 'which'], rows),
  };
}
