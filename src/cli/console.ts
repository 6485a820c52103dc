import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/diagnostic.js';

/** Exit codes: a contract that scripts rely on. */
export const exitCode = { ok: 0, checkFailed: 1, badInput: 2, toolMissing: 3, internal: 70 } as const;

/** Where a command writes: people read stderr, programs read stdout. */
export interface Console {
  readonly note: (text: string) => void;
  readonly result: (text: string) => void;
}

export const processConsole: Console = {
  note: (text) => process.stderr.write(`${text}\n`),
  result: (text) => process.stdout.write(`${text}\n`),
};

const MAXIMUM_SHOWN = 200;

/** All diagnostics, errors last so that they stand where the eye is; very many are cut with a count. */
export function showDiagnostics(console: Console, diagnostics: readonly Diagnostic[]): void {
  const rank = { note: 0, warning: 1, error: 2 };
  const sorted = [...diagnostics].sort((left, right) => rank[left.severity] - rank[right.severity]);
  const hidden = Math.max(0, sorted.length - MAXIMUM_SHOWN);
  if (hidden > 0) console.note(`(${hidden} more diagnostics are not shown)`);
  for (const diagnostic of sorted.slice(hidden)) console.note(formatDiagnostic(diagnostic));
}
