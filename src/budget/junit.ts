import type { CheckedBudget, CheckOutcome } from './outcome.js';
import { countStatus } from './outcome.js';
import { explain, title } from './print-outcome.js';

/**
 * JUnit XML as CI servers read it (testsuites, testsuite, testcase with failure or error): a failed budget is a failure,
 * one that could not be checked an error.
 */
export function outcomeJunit(outcome: CheckOutcome): string {
  const counts = countStatus(outcome);
  const errors = counts['not measured'] + counts.refused;
  const totals = `tests="${outcome.budgets.length}" failures="${counts.failed}" errors="${errors}" skipped="0"`;
  const name = attribute(`budgets of ${outcome.name}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="trigc check" ${totals} time="0">`,
    `  <testsuite name="${name}" ${totals} time="0">`,
    ...outcome.budgets.flatMap((checked) => testCase(outcome, checked)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(outcome: CheckOutcome, checked: CheckedBudget): readonly string[] {
  const { file, line } = checked.declared;
  const head = `    <testcase name="${attribute(title(checked))}" classname="${attribute(outcome.name)}" file="${attribute(file)}" line="${line}" time="0">`;
  const message = attribute(explain(checked));
  const body =
    checked.status === 'ok'
      ? `      <system-out>${message}</system-out>`
      : checked.status === 'failed'
        ? `      <failure type="budget" message="${message}"/>`
        : `      <error type="${attribute(checked.status)}" message="${message}"/>`;
  return [head, body, '    </testcase>'];
}

/** Text inside an attribute or an element; characters that XML 1.0 cannot hold become a question mark. */
function attribute(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- matching control characters is the purpose
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu, '?')
      .replace(/&/gu, '&amp;')
      .replace(/</gu, '&lt;')
      .replace(/>/gu, '&gt;')
      .replace(/"/gu, '&quot;')
      .replace(/[\t\n\r]/gu, ' ')
  );
}
