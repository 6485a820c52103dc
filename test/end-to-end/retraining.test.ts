import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { scratchFolder, trigc } from '../support/command-line.js';

const scratch = scratchFolder();
const CLASSES = ['g', 'q', 'w', 'z', 't'];
const EVENTS = 4000;

/** `--class NAME=FILE` for jets of every class. */
function jets(seed: number): readonly string[] {
  return CLASSES.flatMap((process_) => {
    const path = scratch.path(`${process_}-${seed}.npy`);
    const words = [
      '--kind',
      'jets-features',
      '--process',
      process_,
      '--events',
      String(EVENTS),
      '--seed',
      String(seed),
    ];
    const made = spawnSync(process.execPath, ['scripts/events/generate.mjs', ...words, '--output', path]);
    expect(made.status).toBe(0);
    return ['--class', `${process_}=${path}`];
  });
}

describe('compile --goal --retrain', () => {
  it('meets a goal of models/jet-tagger with far fewer LUTs, also on other events', async () => {
    const found = new Map<string, number>();
    const samples = jets(2);
    for (const [name, ...more] of [['plain'], ['trained', '--retrain']] as const) {
      const words = ['--config', 'models/jet-tagger/trigc.yaml', ...samples, '--goal', 'auc_loss < 0.004'];
      const out = scratch.path(name);
      const search = ['--search', 'fast', '--no-cache', '--json', ...more];
      const run = await trigc('compile', 'models/jet-tagger/float.onnx', '-o', out, ...words, ...search);
      expect(run.code, run.stderr).toBe(0);
      const { figures } = JSON.parse(run.stdout) as { readonly figures: Record<string, { readonly value: number }> };
      found.set(name, figures['lut']?.value ?? 0);
    }
    expect((found.get('trained') ?? 0) / (found.get('plain') ?? 0)).toBeLessThan(0.8);

    const evaluated = await trigc('evaluate', scratch.path('trained'), ...jets(9), '--layer-events', '0', '--json');
    const { result } = JSON.parse(evaluated.stdout) as {
      readonly result: { readonly macroAucFloat: number; readonly macroAucFixed: number };
    };
    // 20,000 other jets: the loss of the goal and its statistical error.
    expect(result.macroAucFloat - result.macroAucFixed).toBeLessThan(0.008);
    const verified = await trigc('verify', scratch.path('trained'), '--engine', 'yosys', '--vectors', '200');
    expect(verified.stdout).toMatch(/^verified 200 vectors, 0 mismatches, /mu);
  });
});
