import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What `scripts/make-python.sh` makes, one folder each below build/python, or below the folder TRIGC_PYTHON. */
export type PythonEnvironment = 'reference' | 'keras' | 'qkeras' | 'hls4ml' | 'torch';

/** The interpreter of an environment, or undefined where it has not been made. */
export function pythonOf(environment: PythonEnvironment): string | undefined {
  const folder = process.env['TRIGC_PYTHON'] ?? join(repository, 'build/python');
  const path = join(folder, environment, 'bin/python');
  return existsSync(path) ? path : undefined;
}

/**
 * Run a script of this repository on a request and read its answer, both JSON. Rejects with what the script wrote
 * where it fails.
 */
export async function askPython(environment: PythonEnvironment, script: string, request: unknown): Promise<unknown> {
  const python = pythonOf(environment);
  if (python === undefined) throw new Error(`build/python/${environment} has not been made`);
  const folder = mkdtempSync(join(tmpdir(), 'trigc-python-'));
  try {
    const [question, answer] = [join(folder, 'request.json'), join(folder, 'answer.json')];
    writeFileSync(question, JSON.stringify(request));
    await promisify(execFile)(python, [join(repository, script), question, answer], {
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '3', OMP_NUM_THREADS: '1' },
    });
    return JSON.parse(readFileSync(answer, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
