// A parametric Level-1 detector: from truth to MET, 4 e/gamma, 4 muons and 10 jets as hardware integers.
import { azimuthOf, deltaPhi, etaOf, transverse, TWO_PI } from './kinematics.mjs';

/** Objects in the order of the network's inputs; every object is pt, eta, phi. */
export const slots = [
  { name: 'met', count: 1, ptMax: 4095, phiSteps: 144 },
  { name: 'eg', count: 4, ptMax: 511, etaStep: 0.0435, phiSteps: 144 },
  { name: 'mu', count: 4, ptMax: 511, etaStep: 0.010875, phiSteps: 576 },
  { name: 'jet', count: 10, ptMax: 2047, etaStep: 0.0435, phiSteps: 144 },
];
/** GeV of one step of every pt. */
export const PT_STEP = 0.5;

export const objectColumns = slots.flatMap(({ name, count }) =>
  Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}${index}`)).flatMap((object) =>
    ['pt', 'eta', 'phi'].map((field) => `${object}_${field}`),
  ),
);

/** Edges of the calorimeter's trigger towers in |eta| (CMS: 0.087 in the barrel, wider in endcap and forward). */
const towerEdges = [
  ...Array.from({ length: 21 }, (_, index) => 0.087 * index),
  ...[1.83, 1.93, 2.043, 2.172, 2.322, 2.5, 2.65, 2.853, 3.139, 3.314, 3.489, 3.664, 3.839, 4.013],
  ...[4.191, 4.363, 4.538, 4.716, 4.889, 5.191],
];
export const CALORIMETER_END = 5.191;
/** Calorimeter objects stand at the centre of a tower. */
const towerCodes = towerEdges.slice(1).map((edge, index) => Math.round((edge + towerEdges[index]) / 2 / 0.0435));

function towerEta(eta) {
  const size = Math.abs(eta);
  let tower = size < 1.74 ? Math.floor(size / 0.087) : 20;
  while (tower < towerCodes.length - 1 && towerEdges[tower + 1] <= size) tower++;
  return eta < 0 ? -towerCodes[tower] : towerCodes[tower];
}

const positive = (phi) => phi - TWO_PI * Math.floor(phi / TWO_PI);
const phiCode = (phi, steps) => Math.min(steps - 1, Math.floor((positive(phi) / TWO_PI) * steps));
/** 72 towers in phi: the code of a tower's centre is odd. */
const towerPhi = (phi) => 2 * phiCode(phi, 72) + 1;

/** Truth jets, electrons and taus closer than 0.4 are one calorimeter jet. */
function clusters(random, truth) {
  const sources = [];
  for (const { vector, electromagnetic } of truth.jets) sources.push({ vector, electromagnetic, electron: false });
  for (const vector of truth.electrons) sources.push({ vector, electromagnetic: 1, electron: true });
  const found = [];
  for (const source of sources) source.pt = transverse(source.vector);
  for (const { vector, pt, electromagnetic, electron } of sources.toSorted((left, right) => right.pt - left.pt)) {
    const [eta, phi] = [etaOf(vector), azimuthOf(vector)];
    if (Math.abs(eta) > CALORIMETER_END) continue;
    const near = found.find((other) => {
      const [first, second] = [eta - other.eta, deltaPhi(phi, other.phi)];
      return first * first + second * second < 0.16;
    });
    if (near === undefined) found.push({ pt, eta, phi, electromagnetic, electron });
    else near.pt += pt;
  }
  return found;
}

/**
 * Measured jets. Resolution of the transverse momentum: pile-up noise, stochastic and constant terms in squares, and in
 * 3 % of jets a part is lost. MET takes the difference between the true and the measured momenta.
 */
function measureJets(random, found, pileup, imbalance) {
  const jets = [];
  const noise = 3.6 * Math.sqrt(pileup / 60);
  for (const { pt, eta, phi, electron } of found) {
    const stochastic = electron ? 0.3 : 1.05;
    const constant = electron ? 0.03 : 0.07;
    const width = Math.sqrt(noise * noise + stochastic * stochastic * pt + constant * constant * pt * pt);
    let measured = pt + random.normal(0, width);
    if (!electron && random.chance(0.03)) measured *= random.between(0.45, 1);
    measured = Math.max(0, measured);
    imbalance.x += (pt - measured) * Math.cos(phi);
    imbalance.y += (pt - measured) * Math.sin(phi);
    const spread = 0.03 + 0.6 / Math.max(pt, 5);
    const place = Math.max(-5.19, Math.min(5.19, eta + random.normal(0, spread)));
    if (measured >= 10) jets.push({ pt: measured, eta: place, phi: phi + random.normal(0, spread) });
  }
  // Sums of unrelated soft energy that pass as jets.
  const fakes = random.poisson(0.5 * (pileup / 60) * (pileup / 60));
  for (let count = 0; count < fakes; count++) {
    jets.push({ pt: 10 + random.exponential(3.5), eta: random.normal(0, 2.2), phi: random.azimuth() });
  }
  return jets.filter(({ eta }) => Math.abs(eta) < CALORIMETER_END);
}

/** Electrons, the electromagnetic part of jets and taus where it is narrow, and soft pile-up photons. */
function measureElectromagnetic(random, found, pileup) {
  const candidates = [];
  const push = (pt, eta, phi) => {
    if (pt >= 2.5 && Math.abs(eta) < 2.6) candidates.push({ pt, eta, phi });
  };
  for (const { pt, eta, phi, electron, electromagnetic } of found) {
    if (electron) {
      if (random.chance(0.96)) push(pt * (1 + random.normal(0, 0.03 + 0.2 / Math.sqrt(pt))), eta, phi);
      continue;
    }
    const narrow = electromagnetic >= 0 ? electromagnetic : random.chance(0.75) ? random.exponential(0.15) : 0;
    const share = narrow > 1 ? 0 : narrow;
    push(pt * share * (1 + random.normal(0, 0.1)), eta + random.normal(0, 0.06), phi + random.normal(0, 0.06));
  }
  const soft = random.poisson((1.5 * pileup) / 60);
  for (let count = 0; count < soft; count++) {
    push(2.5 + random.exponential(1.6), random.between(-2.6, 2.6), random.azimuth());
  }
  return candidates;
}

/** Muons within |eta| < 2.4; the curvature is measured, so 1/pt has the resolution; the scale is that of 90 % efficiency. */
function measureMuons(random, truth) {
  const candidates = [];
  for (const vector of truth.muons) {
    const [pt, eta, phi] = [transverse(vector), etaOf(vector), azimuthOf(vector)];
    const efficiency = 0.94 / (1 + Math.exp((3 - pt) / 0.5));
    if (Math.abs(eta) > 2.4 || !random.chance(efficiency)) continue;
    const width = Math.abs(eta) < 1.2 ? 0.14 : 0.21;
    const curvature = Math.max(0.002, (1 + random.normal(0, width)) / (1.15 * pt));
    const measured = random.chance(0.01) ? random.powerLaw(3, 1.2) : 1 / curvature;
    if (measured < 2) continue;
    const bend = (0.3 * random.sign()) / pt;
    candidates.push({ pt: measured, eta: eta + random.normal(0, 0.015), phi: phi + bend + random.normal(0, 0.01) });
  }
  return candidates;
}

const byMomentum = (left, right) => right.pt - left.pt;
const ptCode = (pt, most) => Math.min(most, Math.floor(pt / PT_STEP));

/** e/gamma stand at a tower's centre, or one step beside it where the shower leaks into the neighbour. */
function beside(random, code) {
  return random.chance(0.25) ? code + random.sign() : code;
}

/**
 * Write the 57 hardware integers of one event to `row` from `offset`: each kind sorted by pt, missing objects all zero,
 * pt codes saturated.
 */
export function writeObjects(random, truth, row, offset) {
  row.fill(0, offset, offset + objectColumns.length);
  const found = clusters(random, truth);
  const imbalance = { x: truth.invisible.x, y: truth.invisible.y };
  const jets = measureJets(random, found, truth.pileup, imbalance);
  const electromagnetic = measureElectromagnetic(random, found, truth.pileup);
  const muons = measureMuons(random, truth);
  // Energy outside of jets: about 14 GeV of ET a collision, measured with half of its square root in each direction.
  const loose = 0.55 * Math.sqrt(14 * truth.pileup + 40);
  imbalance.x += random.normal(0, loose);
  imbalance.y += random.normal(0, loose);
  // Muons leave nothing in the calorimeters: for MET of the calorimeters they are invisible.
  for (const { px, py } of truth.muons) {
    imbalance.x += px;
    imbalance.y += py;
  }
  row[offset] = ptCode(Math.hypot(imbalance.x, imbalance.y), slots[0].ptMax);
  row[offset + 2] = row[offset] === 0 ? 0 : phiCode(Math.atan2(imbalance.y, imbalance.x), 144);

  let at = offset + 3;
  const write = (objects, { count, ptMax }, angles) => {
    objects.sort(byMomentum);
    for (const object of objects.slice(0, count)) {
      row[at] = ptCode(object.pt, ptMax);
      [row[at + 1], row[at + 2]] = angles(object);
      at += 3;
    }
    at += 3 * Math.max(0, count - objects.length);
  };
  write(electromagnetic, slots[1], ({ eta, phi }) => [
    beside(random, towerEta(eta)),
    Math.min(143, Math.max(0, beside(random, towerPhi(phi)))),
  ]);
  write(muons, slots[2], ({ eta, phi }) => [
    Math.max(-225, Math.min(225, Math.round(eta / slots[2].etaStep))),
    phiCode(phi, 576),
  ]);
  write(jets, slots[3], ({ eta, phi }) => [towerEta(eta), towerPhi(phi)]);
}
