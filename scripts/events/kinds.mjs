// What one row of a file is: its columns, its element type, and how event number `index` is made.
import { calorimeterColumns, writeRegions } from './calorimeter.mjs';
import { detectorRandom, makeTruth, streams } from './event.mjs';
import { objectColumns, PT_STEP, writeObjects } from './objects.mjs';
import { processes } from './processes.mjs';

const eventProcesses = Object.keys(processes);

/**
 * Every kind: the processes it has, its columns and types, and `maker`, which gives a function that writes one event to
 * a typed array and returns its class (0 where there are none).
 */
export const kinds = {
  objects: {
    summary: 'MET, 4 e/gamma, 4 muons, 10 jets: 57 columns (pt, eta, phi each)',
    processes: eventProcesses,
    columns: objectColumns,
    shape: [57],
    type: ({ units }) => (units === 'hardware' ? Int16Array : Float32Array),
    maker: ({ process, seed, pileup, units }) => {
      const step = units === 'hardware' ? 1 : PT_STEP;
      return (index, row, offset) => {
        const truth = makeTruth(process, seed, index, pileup);
        writeObjects(detectorRandom(process, seed, index, streams.objects), truth, row, offset);
        if (step !== 1) for (let column = 0; column < 57; column += 3) row[offset + column] *= step;
        return 0;
      };
    },
  },
  calorimeter: {
    summary: 'region ET, 18 phi × 14 eta: 252 columns, unsigned 10-bit integers of 0.5 GeV',
    processes: eventProcesses,
    columns: calorimeterColumns,
    shape: [18, 14],
    type: () => Uint16Array,
    maker:
      ({ process, seed, pileup }) =>
      (index, row, offset) => {
        const truth = makeTruth(process, seed, index, pileup);
        writeRegions(detectorRandom(process, seed, index, streams.calorimeter), truth, row, offset);
        return 0;
      },
  },
};
