import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface ProcessResult {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** Milliseconds before the process is killed. */
  readonly timeout: number;
  /** Text for standard input, which is then closed. */
  readonly input?: string;
  /** Sees standard error as it comes, besides the result having all of it. */
  readonly onStandardError?: (text: string) => void;
}

/** Runs a program with an argument array (never a shell). Rejects only if it cannot be started at all. */
export function runProcess(
  program: string,
  argumentList: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argumentList, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: 'pipe',
      // Its own process group, so that a timeout also ends what the program started (a compiler's children).
      detached: process.platform !== 'win32',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, options.timeout);
    endWithUs(child.pid);
    const settle = (): void => {
      clearTimeout(timer);
      hasEnded(child.pid);
    };
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk);
      options.onStandardError?.(chunk.toString('utf8'));
    });
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code, signal) => {
      settle();
      resolve({
        code: code ?? undefined,
        signal: signal ?? undefined,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        timedOut,
      });
    });
    // A program that exits before reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** The process groups that run now. */
const running = new Set<number>();
const interruptions = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * An interrupted run must not leave the tool behind: a group of its own does not see the terminal's signal. Signals are
 * taken only while a tool runs and this process waits; at other times it may be too busy to hear its own handler.
 */
function endWithUs(processId: number | undefined): void {
  if (processId === undefined) return;
  if (running.size === 0) {
    process.on('exit', killAll);
    for (const signal of Object.keys(interruptions)) process.on(signal, exitOnSignal);
  }
  running.add(processId);
}

function hasEnded(processId: number | undefined): void {
  if (processId === undefined || !running.delete(processId) || running.size > 0) return;
  process.removeListener('exit', killAll);
  for (const signal of Object.keys(interruptions)) process.removeListener(signal, exitOnSignal);
}

function killAll(): void {
  for (const processId of running) killGroup(processId);
}

/** By the ordinary way out, which also removes temporary folders. */
function exitOnSignal(signal: keyof typeof interruptions): void {
  process.exit(128 + interruptions[signal]);
}

function killGroup(processId: number | undefined): void {
  if (processId === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? processId : -processId, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** The absolute path of an executable on PATH, or undefined. */
export async function findExecutable(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // Not here; try the next folder.
    }
  }
  return undefined;
}
