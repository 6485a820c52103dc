export type Severity = 'error' | 'warning' | 'note';

/** Where a problem sits, in the user's own terms. */
export interface Location {
  /** Path of the model or data file, as the user gave it. */
  readonly model?: string;
  /** ONNX node name, or `#index` where the exporter left it empty. */
  readonly node?: string;
  readonly attribute?: string;
  /** Dotted path in trigc.yaml, or the command line option. */
  readonly configPath?: string;
  /** Line of a text file, from 1. */
  readonly line?: number;
  /** Column of a text or data file, from 1. */
  readonly column?: number;
}

export interface Diagnostic {
  readonly code: `TRG${number}`;
  readonly severity: Severity;
  readonly message: string;
  readonly location?: Location;
  readonly hint?: string;
}

/** One entry of the catalogue; `docs/diagnostics.md` is generated from these. */
export interface DiagnosticKind {
  readonly code: `TRG${number}`;
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What the user can do about it; shown unless the call site knows better. */
  readonly hint: string;
}

export function diagnose(kind: DiagnosticKind, message: string, location?: Location, hint?: string): Diagnostic {
  return {
    code: kind.code,
    severity: kind.severity,
    message,
    ...(location === undefined ? {} : { location }),
    hint: hint ?? kind.hint,
  };
}

/** Text of a diagnostic for people: `error TRG1001 [node 'Gemm_3']: message` and the hint below it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = diagnostic.location === undefined ? '' : formatLocation(diagnostic.location);
  const head = `${diagnostic.severity} ${diagnostic.code}${place === '' ? '' : ` [${place}]`}: ${diagnostic.message}`;
  return diagnostic.hint === undefined ? head : `${head}\n  hint: ${diagnostic.hint}`;
}

function formatLocation(location: Location): string {
  const parts: string[] = [];
  if (location.model !== undefined) parts.push(printable(location.model));
  if (location.line !== undefined) parts.push(`line ${location.line}`);
  if (location.column !== undefined) parts.push(`column ${location.column}`);
  if (location.node !== undefined) parts.push(`node '${printable(location.node)}'`);
  if (location.attribute !== undefined) parts.push(`attribute '${printable(location.attribute)}'`);
  if (location.configPath !== undefined) parts.push(printable(location.configPath));
  return parts.join(', ');
}

/** Names come from files we do not control: control characters must not reach a terminal, nor one name fill it. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- matching control characters is the purpose
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?');
  return clean.length > 120 ? `${clean.slice(0, 117)}…` : clean;
}
