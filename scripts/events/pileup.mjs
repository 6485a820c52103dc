// The other collisions of the bunch crossing. Only what leaves an object is made one by one; the rest is a sum of ET.
import { decayB } from './decays.mjs';
import { fromPtEtaPhi } from './kinematics.mjs';
import { dijet } from './processes.mjs';

/** Jet pairs above 11 GeV in one collision, and the index of their integral spectrum. */
const PAIRS = { rate: 0.07, minimum: 11, index: 4.3 };
/** Muons above 3 GeV from decays of hadrons in one collision, alone in their jet, and in pairs (resonances). */
const MUONS = { rate: 7.5e-4, minimum: 3, index: 2.75 };
const MUON_PAIRS = { rate: 2.2e-5, minimum: 3, index: 2.8 };

/** Add `collisions` zero-bias collisions to the truth. */
export function addPileup(random, truth, collisions) {
  truth.pileup = collisions;
  const pairs = random.poisson(PAIRS.rate * collisions);
  for (let count = 0; count < pairs; count++) dijet(random, truth, PAIRS.minimum, PAIRS.index);
  const muons = random.poisson(MUONS.rate * collisions);
  for (let count = 0; count < muons; count++) {
    const pt = random.powerLaw(MUONS.minimum, MUONS.index);
    const [eta, phi] = [random.between(-2.6, 2.6), random.azimuth()];
    truth.muons.push(fromPtEtaPhi(pt, eta, phi));
    const jet = pt * (0.3 + random.exponential(1));
    truth.addJet(fromPtEtaPhi(jet, eta + random.normal(0, 0.12), phi + random.normal(0, 0.12)));
    // The other heavy quark of the pair, on the other side.
    const away = fromPtEtaPhi((pt + jet) * random.between(0.7, 1.1), random.normal(eta, 1.2), phi + Math.PI);
    decayB(random, truth, away);
  }
  if (random.chance(MUON_PAIRS.rate * collisions)) {
    const pt = random.powerLaw(MUON_PAIRS.minimum, MUON_PAIRS.index);
    const [eta, phi] = [random.between(-2.4, 2.4), random.azimuth()];
    truth.muons.push(fromPtEtaPhi(pt, eta, phi));
    truth.muons.push(
      fromPtEtaPhi(pt * random.between(0.5, 1), eta + random.normal(0, 0.3), phi + random.normal(0, 0.3)),
    );
  }
}
