import type { Diagnostic, DiagnosticKind, Location } from './diagnostic.js';
import { diagnose, formatDiagnostic } from './diagnostic.js';

/** User errors are collected and returned; broken invariants throw. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function success<T>(value: T, diagnostics: readonly Diagnostic[] = []): Result<T> {
  return { ok: true, value, diagnostics };
}

export function failure(diagnostics: readonly Diagnostic[]): Result<never> {
  return { ok: false, diagnostics };
}

/** Collects diagnostics so that a stage can report as many problems as possible at once. */
export class DiagnosticBag {
  private readonly collected: Diagnostic[] = [];

  public add(kind: DiagnosticKind, message: string, location?: Location, hint?: string): void {
    this.collected.push(diagnose(kind, message, location, hint));
  }

  public addAll(diagnostics: readonly Diagnostic[]): void {
    // A loop, not a spread: a hostile model can produce more diagnostics than a call takes arguments.
    for (const diagnostic of diagnostics) this.collected.push(diagnostic);
  }

  public get diagnostics(): readonly Diagnostic[] {
    return this.collected;
  }

  public get hasErrors(): boolean {
    return this.collected.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** The value when no error was reported, otherwise the failure. */
  public finish<T>(value: T): Result<T> {
    return this.hasErrors ? failure(this.collected) : success(value, this.collected);
  }
}

/** Carries diagnostics through code whose signature has no room for them; caught at the public API. */
export class DiagnosticError extends Error {
  public override readonly name = 'DiagnosticError';

  public constructor(public readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'));
  }
}

/** Throw one located user error. */
export function fail(kind: DiagnosticKind, message: string, location?: Location, hint?: string): never {
  throw new DiagnosticError([diagnose(kind, message, location, hint)]);
}

/** Run `body` and turn a thrown DiagnosticError into a failure. */
export function attempt<T>(body: () => T): Result<T> {
  try {
    return success(body());
  } catch (error) {
    if (error instanceof DiagnosticError) return failure(error.diagnostics);
    throw error;
  }
}

/** The value of a result, or its diagnostics thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new DiagnosticError(result.diagnostics);
  return result.value;
}
