import { commandCodes } from '../diagnostics/codes/command.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';

/** The number of an option; throws DiagnosticError where it is none, or out of range. */
export function wholeNumber(option: string, text: string, maximum: number, minimum = 0): number {
  const value = Number(text);
  if (/^\d{1,10}$/u.test(text) && value >= minimum && value <= maximum) return value;
  const message = `${option} ${printable(text)} is not a whole number from ${minimum} to ${maximum}`;
  throw new DiagnosticError([diagnose(commandCodes.usage, message, { configPath: option })]);
}
