import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/cli/main.js';

export interface CommandRun {
  readonly code: number;
  /** What programs read. */
  readonly stdout: string;
  /** What people read. */
  readonly stderr: string;
}

/** Run one trigc command in this process. */
export async function runCommand(...words: readonly string[]): Promise<CommandRun> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await main(words, {
    result: (text) => stdout.push(`${text}\n`),
    note: (text) => stderr.push(`${text}\n`),
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Run `body` with a fresh folder that is removed afterwards. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'trigc-test-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
