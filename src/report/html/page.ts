import { latencySection } from './latency.js';
import { lossSection } from './loss.js';
import type { HtmlReportData } from './data.js';
import { escapeHtml } from './escape.js';
import { hlsSection } from './hls.js';
import { networkSection } from './network.js';
import { budgetSection, missingSection, overviewCards, provenanceSection } from './overview.js';
import { physicsSection } from './physics.js';
import { rangesSection } from './ranges.js';
import { resourcesSection } from './resources.js';
import { reuseSection } from './reuse.js';

export const REPORT_TEMPLATE = 'report.html.hbs';

/** What the frame `report.html.hbs` asks for, by name: HTML, with all foreign text escaped. */
export function reportView(data: HtmlReportData): Readonly<Record<string, string>> {
  const reuse = reuseSection(data);
  const hls = hlsSection(data);
  const sections = [
    networkSection(data.graph),
    latencySection(data),
    resourcesSection(data),
    ...(reuse === undefined ? [] : [reuse]),
    ...(hls === undefined ? [] : [hls]),
    budgetSection(data),
    rangesSection(data.calibration),
    physicsSection(data.evaluation),
    lossSection(data.evaluation),
    provenanceSection(data),
  ];
  const { name, target, compiler } = data.manifest;
  return {
    title: escapeHtml(name),
    subtitle: escapeHtml(`Target ${target.name}, part ${target.part}, Trigc ${compiler}`),
    cards: overviewCards(data) + missingSection(data),
    contents: sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`).join(''),
    sections: sections
      .map(({ id, title, body }) => `<section id="${id}"><h2>${escapeHtml(title)}</h2>${body}</section>`)
      .join('\n'),
  };
}
