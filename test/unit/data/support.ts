import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { EventPort } from '../../../src/data/event-port.js';
import type { ReadOptions } from '../../../src/data/read-events.js';
import { readEvents } from '../../../src/data/read-events.js';
import { formatDiagnostic } from '../../../src/diagnostics/diagnostic.js';
import type { CodeMatrix } from '../../../src/backends/emulator/code-matrix.js';
import { codeRow } from '../../../src/backends/emulator/code-matrix.js';
import { parseQuantizer } from '../../../src/numeric/fixed-point.js';

const folder = mkdtempSync(join(tmpdir(), 'trigc-data-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let count = 0;

export function filePath(name: string): string {
  return join(folder, `${count++}-${name}`);
}

/** Write a file into a folder that goes away after the tests. */
export function file(name: string, content: string | Buffer): string {
  const path = filePath(name);
  writeFileSync(path, content);
  return path;
}

/** A .npy file as numpy.save writes it, or with a header text of one's own. */
export function npy(header: string, data: Buffer, version = 1): Buffer {
  const prefix = version === 1 ? 10 : 12;
  const padded = header.padEnd(Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const start = Buffer.alloc(prefix);
  start.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) start.writeUInt16LE(padded.length, 8);
  else start.writeUInt32LE(padded.length, 8);
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), data]);
}

/** Ports `x[0]`, `x[1]` … of types such as `ap_fixed<8,4,AP_RND,AP_SAT>`. */
export function ports(...types: (string | { type: string; low: bigint; high: bigint })[]): EventPort[] {
  return types.map((given, element) => {
    const text = typeof given === 'string' ? given : given.type;
    const promised = typeof given === 'string' ? {} : { promised: { low: given.low, high: given.high } };
    return { name: 'x', element, ...parseQuantizer(text), ...promised };
  });
}

export const exact: ReadOptions = { codes: false, policy: 'exact' };
export const quantise: ReadOptions = { codes: false, policy: 'quantise' };
export const codes: ReadOptions = { codes: true, policy: 'exact' };

export async function matrixOf(path: string, columns: EventPort[], options = exact): Promise<CodeMatrix> {
  const result = await readEvents(path, columns, options);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.value;
}

/** All events as numbers. */
export async function events(path: string, columns: EventPort[], options = exact): Promise<number[][]> {
  const matrix = await matrixOf(path, columns, options);
  return Array.from({ length: matrix.rows }, (_, row) => codeRow(matrix, row).map(Number));
}

/** `TRG2004 line 2: message` of every problem; empty when the file was read. */
export async function problems(path: string, columns: EventPort[], options = exact): Promise<string[]> {
  const result = await readEvents(path, columns, options);
  return result.diagnostics.map((diagnostic) => {
    const { line, column } = diagnostic.location ?? {};
    const place = `${line === undefined ? '' : ` line ${line}`}${column === undefined ? '' : ` column ${column}`}`;
    return `${diagnostic.code}${place}: ${diagnostic.message}`;
  });
}
