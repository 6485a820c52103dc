import { codeRow } from '../backends/emulator/code-matrix.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { readEvents } from '../data/read-events.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { PortColumn } from '../report/manifest.js';
import { drawVectors } from '../simulation/vectors.js';
import type { SamplePacking } from './pack-sample.js';

export interface DrawnVectors {
  readonly matrix: CodeMatrix;
  readonly description: string;
  /** The sample in codes of the columns; empty where there is none. */
  readonly sample: readonly (readonly bigint[])[];
  /** Why the sample was not used, where there was one. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Seeded vectors for the columns, half of them from a sample of real events where one is given and fits. */
export async function drawFor(
  columns: readonly PortColumn[],
  count: number,
  seed: number,
  samplePath: string | undefined,
  packing?: SamplePacking,
): Promise<DrawnVectors> {
  const diagnostics: Diagnostic[] = [];
  let sample: readonly (readonly bigint[])[] = [];
  if (samplePath !== undefined) {
    const read = await readEvents(samplePath, packing?.columns ?? columns, { codes: false, policy: 'quantise' });
    if (read.ok) {
      sample = Array.from({ length: read.value.rows }, (_, row) => codeRow(read.value, row));
      if (packing !== undefined) sample = sample.map(packing.pack);
    } else {
      for (const diagnostic of read.diagnostics) {
        diagnostics.push({
          ...diagnostic,
          severity: 'warning',
          message: `the sample is not used: ${diagnostic.message}`,
        });
      }
    }
  }
  return { ...drawVectors(columns, count, seed, sample), sample, diagnostics };
}
