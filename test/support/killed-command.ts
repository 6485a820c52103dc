import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Scratch } from './command-line.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const preload = join(root, 'test', 'support', 'kill-at-write.mjs');

/** The program as it is built: what is killed is a process of its own. */
export const builtProgram = join(root, 'bin', 'trigc.js');
export const isBuilt = existsSync(join(root, 'dist', 'src', 'cli', 'main.js'));

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

export interface KilledCommand {
  readonly start: (words: readonly string[], extra?: NodeJS.ProcessEnv) => Ending;
  /** What the command changes in the file system, in order; it must succeed. */
  readonly changesOf: (words: readonly string[], extra?: NodeJS.ProcessEnv) => readonly string[];
  /** Kills the command at that change, and says what it had written to standard error. */
  readonly kill: (words: readonly string[], point: number, extra?: NodeJS.ProcessEnv) => string;
  /** Kills the command once a child of it is at work, and waits until the child has gone; says how many there were. */
  readonly killWithChildren: (words: readonly string[], extra?: NodeJS.ProcessEnv) => Promise<number>;
  /** Names in the scratch folder that no run should leave, wherever it looked. */
  readonly remains: () => readonly string[];
}

/** A Node.js program in the scratch folder, with its cache and its temporary files there. */
export function killedCommand(scratch: Scratch, program = builtProgram): KilledCommand {
  const environment = (extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
    ...process.env,
    XDG_CACHE_HOME: scratch.path('cache'),
    TMPDIR: scratch.path('tmp'),
    TRIGC_KILL_BELOW: scratch.path(),
    ...extra,
  });
  const start = (words: readonly string[], extra: NodeJS.ProcessEnv = {}): Ending => {
    const options = { cwd: scratch.path(), env: environment(extra), encoding: 'utf8' } as const;
    const { status, signal, stderr } = spawnSync(process.execPath, ['--import', preload, program, ...words], options);
    return { code: status, signal, stderr };
  };
  return {
    start,
    changesOf: (words, extra = {}) => {
      const list = scratch.path('changes.json');
      expect(start(words, { ...extra, TRIGC_KILL_LIST: list })).toMatchObject({ code: 0, signal: null });
      return JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
    },
    kill: (words, point, extra = {}) => {
      const ending = start(words, { ...extra, TRIGC_KILL_AT: String(point) });
      expect(ending).toMatchObject({ code: null, signal: 'SIGKILL' });
      return ending.stderr;
    },
    killWithChildren: async (words, extra = {}) => {
      const options = { cwd: scratch.path(), env: environment(extra), stdio: 'ignore' } as const;
      const parent = spawn(process.execPath, [program, ...words], options);
      const ended = new Promise((resolve) => parent.once('exit', resolve));
      let children: readonly number[] = [];
      await until(() => {
        children = childrenOf(parent.pid ?? 0);
        return children.length > 0 || parent.exitCode !== null;
      });
      // Long enough for the child to have begun, and to watch its parent.
      await pause(1500);
      parent.kill('SIGKILL');
      await ended;
      await until(() => !children.some(isRunning));
      return children.length;
    },
    remains: () =>
      readdirSync(scratch.path(), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.partial-')),
  };
}

/** Torn at its first and last write, before and after each rename: where a half-written thing could be seen. */
export function killPoints(changes: readonly string[]): readonly number[] {
  const writes = changes.flatMap((change, index) =>
    /^\S*(?:write|append|copy|open|link)/iu.test(change) ? [index] : [],
  );
  const renames = changes.flatMap((change, index) => (/^\S*rename/u.test(change) ? [index, index + 1] : []));
  const points = [...writes.slice(0, 1), ...writes.slice(-1), ...renames.slice(0, 2), ...renames.slice(-4)];
  return [...new Set(points)].filter((point) => point < changes.length).sort((left, right) => left - right);
}

/** Can children of a process be found here? */
export const seesProcesses = existsSync('/proc/self/stat');

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    const status = /^\d+$/u.test(name) ? statusOf(Number(name)) : undefined;
    return status?.parent === parent ? [Number(name)] : [];
  });
}

/** One that has ended and whom nobody has asked about yet is not running. */
function isRunning(processId: number): boolean {
  const state = statusOf(processId)?.state;
  return state !== undefined && state !== 'Z';
}

function statusOf(processId: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name of the program is in parentheses, and may hold anything.
    const fields = /.*\) (\S) (\d+)/u.exec(readFileSync(`/proc/${processId}/stat`, 'utf8'));
    return fields === null ? undefined : { state: fields[1] ?? '', parent: Number(fields[2]) };
  } catch {
    return undefined;
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    expect(performance.now()).toBeLessThan(end);
    await pause(20);
  }
}
