import { describe, expect, it } from 'vitest';
import { beyondResources, estimateResources } from '../../../src/cli/resource-limits.js';
import { compileRequest } from '../../../src/cli/compile-request.js';
import { compile } from '../../../src/compiler.js';
import { emptyConfig } from '../../../src/config/config.js';
import type { ResourceLimit } from '../../../src/config/settings.js';
import { resolveSettings } from '../../../src/config/settings.js';
import { formatDiagnostic } from '../../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { smallModel } from '../../support/small-model.js';

describe('resources that a design may use', () => {
  const loaded = { bytes: smallModel().bytes(), readExternal: () => undefined };
  const settings = unwrap(resolveSettings(emptyConfig, { part: 'xcvu9p', effort: 'fast' }, 'small'));
  const request = compileRequest('small.onnx', loaded, emptyConfig, settings);
  const compiled = unwrap(compile(request));
  const estimate = estimateResources(compiled.design, settings);
  const beyond = (...limits: ResourceLimit[]) =>
    beyondResources(compiled, estimate, request, { ...settings, limits }).map(formatDiagnostic);

  it('are those of the part, and enough for a small design', () => {
    expect(beyondResources(compiled, estimate, request, settings)).toEqual([]);
    expect(settings.limits.map(({ resource }) => resource)).toEqual(['lut', 'flip_flops', 'dsp']);
  });

  it('TRG1410 says what is beyond them: exactly at the limit nothing is', () => {
    const { lut } = estimate.total;
    expect(beyond({ resource: 'lut', most: lut })).toEqual([]);
    const [refused = ''] = beyond({ resource: 'lut', most: lut - 1 });
    expect(refused).toMatch(
      /^error TRG1410: estimated at \d+ LUT, and part xcvu9p\S* has \d+\n {2}hint: an event every/u,
    );
  });

  it('are all met by the interval of the hint', () => {
    const most = Math.floor(0.95 * estimate.total.lut);
    const flipFlops = 100_000;
    const alone = beyond({ resource: 'lut', most });
    const together = beyond({ resource: 'lut', most }, { resource: 'flip_flops', most: flipFlops });
    expect(together).toEqual(alone);
    // What fewer tables need in registers is more than nothing.
    const neither = beyond({ resource: 'lut', most }, { resource: 'flip_flops', most: 1 });
    expect(neither).toHaveLength(2);
    expect(neither.join()).toContain('no longer interval meets the limits');
  });
});
