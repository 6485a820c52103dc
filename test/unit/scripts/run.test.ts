import { describe, expect, it } from 'vitest';

interface Runner {
  readonly run: (program: string, argumentList: readonly string[]) => Promise<string>;
}
/** Scripts have no declarations: TypeScript is not to look for one. */
const script = ['../../../scripts/verilator-wasm', 'run.mjs'].join('/');
const { run } = (await import(script)) as Runner;

describe('programs that the build of Verilator runs', () => {
  it('give their standard output alone: warnings must not get into a header that is made of it', async () => {
    expect(await run('sh', ['-c', 'echo warning >&2; echo text; echo another >&2'])).toBe('text\n');
  });

  it('say everything that they wrote where they fail', async () => {
    await expect(run('sh', ['-c', 'echo text; echo reason >&2; exit 4'])).rejects.toThrow(/exit code 4\n.*reason/su);
    await expect(run('no-such-program', [])).rejects.toThrow('no-such-program: ');
  });
});
