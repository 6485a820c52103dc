import type { HtmlReportData, HtmlSection } from './data.js';
import { escapeHtml, formatNumber } from './escape.js';
import { missing, table } from './table.js';

/** The figures that are asked for first, as cards. */
export function overviewCards({ manifest, figures, evaluation }: HtmlReportData): string {
  const latency = manifest.latency * manifest.clock.periodNanoseconds;
  const counted = figures.filter(({ name }) => name === 'lut');
  const lut = counted.at(-1)?.figure;
  const mismatches = figures.find(({ name }) => name === 'mismatches')?.figure;
  const cards = [
    ['latency', `${formatNumber(latency)} ns`, `${formatNumber(latency / 25)} BX, ${manifest.latency} clocks`],
    [
      'clock',
      `${formatNumber(manifest.clock.periodNanoseconds)} ns`,
      `a new event every ${manifest.initiationInterval} clock`,
    ],
    ...(lut === undefined
      ? []
      : [
          [
            'LUT',
            formatNumber(lut.value, 6),
            lut.share === undefined ? lut.origin : `${(100 * lut.share).toPrecision(2)} % of the part (${lut.origin})`,
          ],
        ]),
    mismatches === undefined
      ? ['RTL against emulator', 'not yet', 'trigc verify DIR']
      : [
          'RTL against emulator',
          mismatches.value === 0 ? 'bit-exact' : `${formatNumber(mismatches.value)} differ`,
          'mismatching vectors',
        ],
    ...(evaluation === undefined ? [] : [physicsCard(evaluation.result)]),
  ];
  const printed = cards.map(
    ([label = '', value = '', remark = '']) =>
      `<div class="card"><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(remark)}</small></dd></div>`,
  );
  return `<dl class="cards">${printed.join('')}</dl>`;
}

function physicsCard(result: NonNullable<HtmlReportData['evaluation']>['result']): readonly string[] {
  if (result.kind === 'classes') return ['AUC lost', formatNumber(result.macroAucLoss.value, 2), 'mean of the classes'];
  const { rankCorrelation } = result.background.agreement;
  return [
    'rank correlation',
    rankCorrelation === null ? 'undefined' : rankCorrelation.toFixed(4),
    'float and fixed score',
  ];
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
