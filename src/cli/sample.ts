import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Realistic events beside a model, in order of preference: real values of its inputs, in any format of event files. */
const sampleNames = ['sample.csv.gz', 'sample.csv', 'sample.npy'];

/** The sample of events in a folder, if there is one. */
export function findSample(folder: string): string | undefined {
  return sampleNames.map((name) => join(folder, name)).find((path) => existsSync(path));
}

export function sampleBeside(modelPath: string): string | undefined {
  return findSample(dirname(modelPath));
}
