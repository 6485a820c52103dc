import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCompiledFolder } from '../../src/cli/compiled-folder.js';
import type { CommandRun } from '../support/command-line.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { parseVcd } from '../support/parse-vcd.js';
import { smallModel } from '../support/small-model.js';

const LATENCY = 3;
const PERIOD = 5000;
const VALID = 'interface:\n  valid: true\n';
const LOGIC = 'interface:\n  registers: none\n';
const scratch = scratchFolder();

async function compileTo(name: string, yaml: string, ...options: readonly string[]): Promise<string> {
  const model = scratch.write(`${name}/net.onnx`, smallModel().bytes());
  const config = scratch.write(`${name}/trigc.yaml`, yaml);
  const out = scratch.path(name, 'out');
  const run = await trigc('compile', model, '-o', out, '--config', config, '--clock', '5ns', ...options);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  return out;
}

const verify = (folder: string, ...options: readonly string[]): Promise<CommandRun> =>
  trigc('verify', folder, '--engine', 'yosys', '--vectors', '300', ...options);

/** A number in the JSON of `verify`. */
function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

let right = '';
beforeAll(async () => {
  right = await compileTo('right', VALID, '--latency', String(LATENCY));
});

describe('trigc verify --waves', () => {
  it('shows the cycles around the first mismatch, with the wrong value where it is due', async () => {
    const folder = await compileTo('wrong', VALID, '--latency', String(LATENCY));
    const source = join(folder, 'rtl/net_dense_2.v');
    const text = readFileSync(source, 'utf8');
    const broken = text.replace(/assign out_1 = (\w+);/u, "assign out_1 = $1 ^ {7'd0, $1 == 8'd5};");
    expect(broken).not.toBe(text);
    writeFileSync(source, broken);
    const path = scratch.path('deep/wrong.vcd');
    const run = await verify(folder, '--waves', path, '--wave-cycles', '20', '--json');
    expect(run.code).toBe(1);

    const first = member(JSON.parse(run.stdout), 'first');
    const [row, element] = [Number(member(first, 'row')), Number(member(first, 'element'))];
    const answer = row + LATENCY;
    expect(run.stderr).toContain(`its answer is due in cycle ${answer}`);
    expect(readdirSync(scratch.path('deep'))).toEqual(['wrong.vcd']);
    const dump = parseVcd(readFileSync(path, 'utf8'));
    expect(dump.comment).toContain('first mismatch: vector');
    const marks = (name: string): readonly number[] => {
      const rows = dump.times.map((time) => time / PERIOD).filter((cycle) => Number.isInteger(cycle));
      return rows.filter((cycle) => dump.bitsAt(name, cycle * PERIOD) === '1');
    };
    expect([marks('trigc.sent'), marks('trigc.mismatch')]).toEqual([[row], [answer]]);
    const [start = -1, end = -1] = [dump.times[0], dump.times.at(-1)].map((time = -1) => time / PERIOD);
    expect(end - start).toBe(20);
    expect([start < row, answer < end]).toEqual([true, true]);

    const port = openCompiledFolder(folder).manifest.outputs[0]?.elements[element];
    const bits = dump.bitsAt('net.y', answer * PERIOD);
    const high = bits.length - (port?.low ?? 0);
    const code = BigInt.asIntN(8, BigInt(`0b${bits.slice(high - 8, high)}`));
    expect(code).toBe(BigInt(String(member(first, 'actual'))));
    expect(code).not.toBe(BigInt(String(member(first, 'expected'))));
    // One rank between the layer and the port: there the signal of the layer is seen a cycle earlier.
    expect(dump.bitsAt('net.u_dense_2.out_1', (answer - 1) * PERIOD)).toBe(bits.slice(high - 8, high));
    expect(dump.bitsAt('net.valid_out', answer * PERIOD)).toBe('1');
  });

  it('shows the cycles around the first wrong valid bit where the values are right', async () => {
    const folder = await compileTo('valid', VALID, '--latency', String(LATENCY));
    const source = join(folder, 'rtl/net.v');
    const text = readFileSync(source, 'utf8');
    const broken = text.replace(/w_valid_d2 <= rst \? [^:]*: (\w+);/u, 'w_valid_d2 <= $1;');
    expect(broken).not.toBe(text);
    writeFileSync(source, broken);
    const path = scratch.path('valid.vcd');
    const run = await verify(folder, '--waves', path);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(' 0 mismatches');
    const cycle = Number(/valid_out is wrong in cycle (\d+)$/mu.exec(run.stderr)?.[1]);
    const dump = parseVcd(readFileSync(path, 'utf8'));
    // A reset two cycles before should have taken it away.
    const bits = ['trigc.mismatch', 'net.valid_out'].map((name) => dump.bitsAt(name, cycle * PERIOD));
    expect([...bits, dump.bitsAt('net.rst', (cycle - 2) * PERIOD)]).toEqual(['1', '1', '1']);
  });

  it('shows the first cycles of the vectors when nothing mismatches, the same in every run', async () => {
    const [one, other] = [scratch.path('one.vcd'), scratch.path('other.vcd')];
    const run = await verify(right, '--waves', one, '--wave-cycles', '5');
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`${one} shows cycles 4 to 8; no vector is wrong`);
    await verify(right, '--waves', other, '--wave-cycles', '5');
    expect(readFileSync(one, 'utf8')).toBe(readFileSync(other, 'utf8'));
    const dump = parseVcd(readFileSync(one, 'utf8'));
    expect([dump.times[0], dump.times.at(-1), dump.times.length]).toEqual([4 * PERIOD, 9 * PERIOD, 11]);
    expect(dump.names).toEqual(expect.arrayContaining(['net.x', 'net.y', 'net.u_dense_1.clk', 'net.u_dense_2.out_0']));
  });

  it('takes designs without a clock', async () => {
    const folder = await compileTo('logic', LOGIC, '--latency', '0');
    const path = scratch.path('logic.vcd');
    expect((await verify(folder, '--waves', path)).code).toBe(0);
    const dump = parseVcd(readFileSync(path, 'utf8'));
    expect(dump.times).toEqual(Array.from({ length: 65 }, (_, cycle) => cycle * PERIOD));
    expect(dump.names).toContain('net.u_dense_1.out_0');
    expect(dump.names).not.toContain('net.clk');
  });

  it('is refused where the file cannot be written, and leaves nothing beside it', async () => {
    const file = scratch.write('taken/file', 'kept');
    for (const path of [join(file, 'waves.vcd'), scratch.path('taken')]) {
      const run = await verify(right, '--waves', path, '--wave-cycles', '2');
      expect(run.code).toBe(2);
      expect(run.stderr).toMatch(/error TRG4003 \[.*taken.*\]: /u);
    }
    expect(readdirSync(scratch.path('taken'))).toEqual(['file']);
  });

  it.each([
    ['a length without a file', ['--wave-cycles', '5']],
    ['no cycles at all', ['--waves', 'never.vcd', '--wave-cycles', '0']],
  ])('is refused with %s', async (_, options) => {
    const run = await verify(right, ...options);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('error TRG4001');
    expect(existsSync('never.vcd')).toBe(false);
  });

  it('is refused for a folder without Verilog, before anything is simulated', async () => {
    const folder = await compileTo('vhdl', LOGIC, '--latency', '0', '--language', 'vhdl');
    const run = await trigc('verify', folder, '--waves', scratch.path('vhdl.vcd'));
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('error TRG4040');
  });
});
