import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { main } from '../../src/cli/main.js';

/** What one command answered. */
export interface CommandRun {
  readonly code: number;
  /** Everything written as a result. */
  readonly stdout: string;
  /** Everything written for people. */
  readonly stderr: string;
}

/** Run a command in this process, as `bin/trigc.js` would. */
export async function trigc(...words: readonly string[]): Promise<CommandRun> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await main(words, {
    note: (text) => stderr.push(text),
    result: (text) => stdout.push(text),
  });
  return { code, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
}

/** A temporary folder for the tests of a file. */
export interface Scratch {
  /** Absolute path of something in it. */
  readonly path: (...parts: readonly string[]) => string;
  /** Write a file, with the folders above it, and return its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
}

/** Call at the top of a test file: the folder is there for its tests and hooks, and is removed after them. */
export function scratchFolder(): Scratch {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trigc-cli-test-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = (...parts: readonly string[]): string => join(folder, ...parts);
  return {
    path,
    write: (name, content) => {
      const file = path(name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}

/** Every file below a folder with its content in Latin-1, by its path with forward slashes. */
export function readTree(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names.toSorted()) {
    const file = join(folder, name);
    if (statSync(file).isFile()) files.set(relative(folder, file).replaceAll('\\', '/'), readFileSync(file, 'latin1'));
  }
  return files;
}
