import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';

const scratch = scratchFolder();
const start = process.cwd();
const summary = process.env['GITHUB_STEP_SUMMARY'];
const example = (name: string): unknown =>
  parse(readFileSync(new URL(`../../docs/examples/${name}`, import.meta.url), 'utf8'));

afterAll(() => {
  process.chdir(start);
  if (summary === undefined) delete process.env['GITHUB_STEP_SUMMARY'];
  else process.env['GITHUB_STEP_SUMMARY'] = summary;
});

/** Run the trigc commands of a CI file in a clean folder, as its steps would. */
async function runSteps(folder: string, steps: readonly string[]): Promise<void> {
  scratch.write(`${folder}/model.onnx`, smallModel().bytes());
  scratch.write(`${folder}/trigc.yaml`, 'effort: fast\ntarget: { clock: 25ns }\n');
  scratch.write(`${folder}/budget.yaml`, 'budgets:\n  - latency <= 2 BX\n  - ii == 1\n  - lut < 3000\n');
  process.env['GITHUB_STEP_SUMMARY'] = scratch.path(folder, 'summary.md');
  process.chdir(scratch.path(folder));
  const commands = steps
    .filter((step) => step.startsWith('npx trigc '))
    .map((step) => step.trim().split(/\s+/u).slice(2));
  expect(commands.map(([name]) => name)).toEqual(['compile', 'verify', 'check']);
  for (const words of commands) {
    const run = await trigc(...words);
    expect(run.code, `${words.join(' ')}\n${run.stderr}`).toBe(0);
  }
}

describe('the CI examples', () => {
  it('of GitHub runs, and leaves the files that its steps upload', async () => {
    const workflow = example('github-actions.yml') as {
      jobs: { budgets: { steps: readonly { run?: string; with?: Record<string, string> }[] } };
    };
    const { steps } = workflow.jobs.budgets;
    await runSteps(
      'github',
      steps.flatMap(({ run }) => (run === undefined ? [] : [run])),
    );
    const uploads = steps
      .flatMap((step) => [step.with?.['sarif_file'], step.with?.['path']])
      .filter((path) => path !== undefined);
    expect(uploads).toHaveLength(2);
    for (const path of uploads) expect(existsSync(path), path).toBe(true);
    expect(readFileSync('summary.md', 'utf8')).toMatch(/3 ok/u);
  });

  it('of GitLab runs, and leaves its artifacts and its report', async () => {
    const { budgets } = example('gitlab-ci.yml') as {
      budgets: { script: readonly string[]; artifacts: { paths: readonly string[]; reports: { junit: string } } };
    };
    await runSteps('gitlab', budgets.script);
    for (const path of [...budgets.artifacts.paths, budgets.artifacts.reports.junit]) {
      expect(existsSync(path), path).toBe(true);
    }
  });
});
