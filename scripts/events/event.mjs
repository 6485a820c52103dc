// One event: hard collision and pile-up. What detectors make of it is in objects.mjs and calorimeter.mjs.
import { addPileup } from './pileup.mjs';
import { processes, produceHard } from './processes.mjs';
import { Random } from './random.mjs';

/** Random streams of an event: the same truth for every detector, each with noise of its own. */
export const streams = { truth: 1, objects: 2, calorimeter: 3 };

/**
 * Event number `index` of a process. Depends on the arguments alone.
 * @param {string} name a key of `processes`
 * @param {number} pileup mean number of collisions in a crossing
 */
export function makeTruth(name, seed, index, pileup) {
  const process = processes[name];
  const random = new Random(seed, process.stream, index, streams.truth);
  const collisions = random.poisson(pileup);
  const truth = produceHard(random, process, collisions);
  // A separate sample has its hard collision beside the others of the crossing; zero bias has only those.
  addPileup(random, truth, collisions);
  return truth;
}

export const detectorRandom = (name, seed, index, stream) => new Random(seed, processes[name].stream, index, stream);
