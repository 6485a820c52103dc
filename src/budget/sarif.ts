import { budgetCodes } from '../diagnostics/codes/budget.js';
import type { Diagnostic, DiagnosticKind } from '../diagnostics/diagnostic.js';
import type { CheckedBudget, CheckOutcome } from './outcome.js';
import { explain, title } from './print-outcome.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * SARIF 2.1.0 (OASIS): every budget that does not hold, at its line of the file that declares it, and what the
 * compilation said, at the node of the model. `catalogue` gives titles and hints of codes.
 */
export function outcomeSarif(outcome: CheckOutcome, catalogue: readonly DiagnosticKind[]): string {
  const results = [...outcome.budgets.flatMap(budgetResult), ...outcome.diagnostics.map(diagnosticResult)];
  const used = new Set(results.map(({ ruleId }) => ruleId));
  const rules = catalogue
    .filter(({ code }) => used.has(code))
    .map(({ code, severity, title: text, hint }) => ({
      id: code,
      shortDescription: { text },
      help: { text: hint },
      defaultConfiguration: { level: severity },
    }));
  const driver = { name: 'Trigc', version: outcome.compiler, rules };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results: results.map((result) => ({ ...result })) }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

interface SarifResult {
  readonly ruleId: string;
  readonly level: Diagnostic['severity'];
  readonly message: { readonly text: string };
  readonly locations?: readonly Json[];
}

function budgetResult(checked: CheckedBudget): readonly SarifResult[] {
  if (checked.status === 'ok') return [];
  const ruleId =
    checked.status === 'refused'
      ? checked.problem.code
      : (checked.status === 'failed' ? budgetCodes.budgetFailed : budgetCodes.notMeasured).code;
  const { file, line, column } = checked.declared;
  const layers = checked.status === 'refused' ? [] : layersOf(checked.result.figures.map(({ reference }) => reference));
  return [
    {
      ruleId,
      level: 'error',
      message: { text: `${title(checked)}: ${explain(checked)}` },
      locations: [location(file, { startLine: line, startColumn: column }, layers)],
    },
  ];
}

function layersOf(references: readonly string[]): readonly string[] {
  return references.flatMap((reference) => {
    const quoted = /\blayer\(("(?:[^"\\]|\\.)*")\)/u.exec(reference)?.[1];
    return quoted === undefined ? [] : [JSON.parse(quoted) as string];
  });
}

function diagnosticResult({ code, severity, message, location: place, hint }: Diagnostic): SarifResult {
  const region = place?.line === undefined ? undefined : { startLine: place.line, startColumn: place.column ?? 1 };
  const nodes = place?.node === undefined ? [] : [place.node];
  const file = place?.model;
  return {
    ruleId: code,
    level: severity,
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    ...(file === undefined && nodes.length === 0 ? {} : { locations: [location(file, region, nodes)] }),
  };
}

function location(file: string | undefined, region: Json | undefined, nodes: readonly string[]): Json {
  const artifactLocation = file === undefined ? undefined : { uri: uriOf(file) };
  return {
    ...(artifactLocation === undefined
      ? {}
      : { physicalLocation: { artifactLocation, ...(region === undefined ? {} : { region }) } }),
    ...(nodes.length === 0 ? {} : { logicalLocations: nodes.map((name) => ({ name, kind: 'node' })) }),
  };
}

/** A relative path as a URI reference; an absolute one as a file URI. */
function uriOf(path: string): string {
  const slashes = path
    .replaceAll('\\', '/')
    .replace(/^\.\//u, '')
    .replace(/\p{Surrogate}/gu, '?');
  const encoded = slashes.split('/').map(encodeURIComponent).join('/');
  return slashes.startsWith('/') ? `file://${encoded}` : encoded;
}
