import { expect, it } from 'vitest';
import { defaultPoints, parsePointSuffix, pointSuffix, printPoint } from '../../../src/evaluation/operating-point.js';

it('names operating points in figures, and reads the names back', () => {
  expect(defaultPoints.map(pointSuffix)).toEqual(['0p3khz', '1khz', '3khz', '1em1', '1em2', '1em3', '1em4', '1em5']);
  expect(defaultPoints.map((point) => parsePointSuffix(pointSuffix(point)))).toEqual(defaultPoints);
  expect(defaultPoints.map(printPoint).join()).toBe('0.3 kHz,1 kHz,3 kHz,1e-1,1e-2,1e-3,1e-4,1e-5');
  expect(pointSuffix({ kind: 'fraction', fraction: 0.025 })).toBe('2p5em2');
});

it('refuses names of no point', () => {
  for (const text of ['', 'khz', '0khz', '1e0', '2em', '1mhz', '1em4x', '3e5']) {
    expect(parsePointSuffix(text)).toBeUndefined();
  }
});
