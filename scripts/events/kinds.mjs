// What one row of a file is: its columns, its element type, and how event number `index` is made.
import { calorimeterColumns, writeRegions } from './calorimeter.mjs';
import { detectorRandom, makeTruth, streams } from './event.mjs';
import { featureNames, writeFeatures } from './jet-features.mjs';
import { jetClasses, makeJet } from './jets.mjs';
import { objectColumns, PT_STEP, writeObjects } from './objects.mjs';
import { processes } from './processes.mjs';

const eventProcesses = Object.keys(processes);

/** Jets of one class, or of all in turn: event i of `all` is of class i mod 5. */
function jetMaker({ process, seed }, write) {
  return (index, row, offset) => {
    const number = process === 'all' ? index % jetClasses.length : jetClasses.indexOf(process);
    write(makeJet(jetClasses[number], seed, index), row, offset);
    return number;
  };
}

const CONSTITUENTS = 16;

function writeConstituents(constituents, row, offset) {
  row.fill(0, offset, offset + 3 * CONSTITUENTS);
  for (const [index, { pt, eta, phi }] of constituents.slice(0, CONSTITUENTS).entries()) {
    row.set([pt, eta, phi], offset + 3 * index);
  }
}

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
  'jets-features': {
    summary: '16 features of the hls4ml jet data set: 16 columns',
    processes: [...jetClasses, 'all'],
    columns: featureNames,
    shape: [16],
    type: () => Float32Array,
    maker: (settings) => jetMaker(settings, writeFeatures),
  },
  'jets-constituents': {
    summary: 'the 16 hardest constituents of the same jets: 48 columns (pt in GeV, eta and phi from the axis)',
    processes: [...jetClasses, 'all'],
    columns: Array.from({ length: CONSTITUENTS }, (_, index) => [`pt${index}`, `eta${index}`, `phi${index}`]).flat(),
    shape: [CONSTITUENTS, 3],
    type: () => Float32Array,
    maker: (settings) => jetMaker(settings, writeConstituents),
  },
};
