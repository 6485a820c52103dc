import { describe, expect, it } from 'vitest';
import { emptyConfig } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse-config.js';
import { resolveSettings } from '../../src/config/settings.js';
import { Random } from '../../src/support/random.js';
import { budget, mutateText } from './support.js';

const original = `# a comment
inputs:
  x:
    types:
      - ap_fixed<6,4>
      - { type: "ap_ufixed<9,8,AP_RND,AP_SAT>", count: 3 }
    ranges: { 0: [-2, 3.5], 1: [0, 1e2] }
    constants: { 2: 0.125 }
    batch: none
  "other one": { type: "ap_int<8>", range: [-4, 4] }
outputs:
  score: { type: "ap_fixed<11,5>" }
default: ap_fixed<16,6,AP_RND_CONV,AP_SAT>
weights: { type: "ap_fixed<8,2>", rounding: AP_RND }
target: { name: ugt-run3, clock: 240MHz, latency: 2, ii: 1, input_delay: 1.5ns, output_delay: 800ps }
interface:
  ports: elements
  registers: none
  valid: true
  control: none
seed: 42
`;

describe('a damaged trigc.yaml', () => {
  it('is a configuration or refused with codes and places', () => {
    expect(parseConfig(original, 'trigc.yaml').ok).toBe(true);
    const random = new Random(90_210);
    const outcomes = { read: 0, refused: 0 };
    const codes = new Set<string>();
    const slowest = budget(4_000, 4_000, () => {
      const text = mutateText(random, original);
      const result = parseConfig(text, 'trigc.yaml');
      outcomes[result.ok ? 'read' : 'refused']++;
      for (const { code, location, message, hint } of result.diagnostics) {
        codes.add(code);
        expect(code).toMatch(/^TRG3\d{3}$/u);
        expect(location?.model).toBe('trigc.yaml');
        expect(hint ?? '').not.toBe('');
        // eslint-disable-next-line no-control-regex -- matching control characters is the purpose
        expect(message).not.toMatch(/[\u0000-\u001f]/u);
      }
      if (result.ok) resolveSettings(result.value, {}, 'net');
    });
    expect(slowest).toBeLessThan(5_000);
    expect(outcomes.read).toBeGreaterThan(5);
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(codes.size).toBeGreaterThan(5);
  });
});

describe('a strange command line', () => {
  it('is settings or refused with codes', () => {
    const random = new Random(5);
    const values = [
      '',
      '0',
      '-1',
      '1e9',
      '25ns',
      '240MHz',
      'ugt-run3',
      'x; rm',
      '\u0000',
      'module',
      '9'.repeat(500),
    ] as const;
    for (let round = 0; round < 500; round++) {
      const maybe = (): string | undefined => (random.integer(0, 1) === 0 ? undefined : random.pick(values));
      const line = { target: maybe(), part: maybe(), clock: maybe(), latency: maybe(), name: maybe(), seed: maybe() };
      const result = resolveSettings(emptyConfig, line, random.pick(values));
      for (const { code } of result.diagnostics) expect(code).toMatch(/^TRG3\d{3}$/u);
      expect(result.ok).toBe(!result.diagnostics.some(({ severity }) => severity === 'error'));
    }
  });
});
