// Jets of five classes near 1 TeV: a light quark, a gluon, or a boosted W, Z or top quark in one cone, showered.
import { masses, widths } from './decays.mjs';
import { azimuthOf, etaOf, fromPtEtaPhi, transverse, twoBody } from './kinematics.mjs';
import { Random } from './random.mjs';
import { constituentsOf } from './shower.mjs';

/** Cone of the jets, as of the anti-kt jets of the hls4ml data set. */
export const RADIUS = 0.8;
/** Classes in the order of their numbers. */
export const jetClasses = ['g', 'q', 'w', 'z', 't'];
const FIRST_STREAM = 101;

const distance = (left, right) => Math.hypot(left.eta - right.eta, left.phi - right.phi);
const place = (vector) => ({ pt: transverse(vector), eta: etaOf(vector), phi: azimuthOf(vector) });

/** Directions of the quarks of a longitudinal boson: density ∝ sin²θ about its flight, read off their energies. */
function longitudinal(random, boson, mass) {
  for (;;) {
    const [first, second] = twoBody(random, boson, mass, 0, 0);
    const momentum = Math.hypot(boson.px, boson.py, boson.pz);
    const cosine = Math.min(1, Math.abs(first.e - second.e) / momentum);
    if (random.uniform() < 1 - cosine * cosine) return [first, second];
  }
}

/** Quarks of a colour singlet radiate within the angle between them. */
function singlet(first, second) {
  const [left, right] = [place(first), place(second)];
  const angle = Math.min(RADIUS, distance(left, right));
  return [left, right].map((quark) => ({ ...quark, gluon: false, angle }));
}

function bosonPartons(random, pt, mass) {
  return singlet(...longitudinal(random, fromPtEtaPhi(pt, 0, 0, mass), mass));
}

function topPartons(random, pt) {
  const mass = random.breitWigner(masses.top, widths.top, 150, 195);
  const wMass = random.breitWigner(masses.w, widths.w, 60, 100);
  const [b, w] = twoBody(random, fromPtEtaPhi(pt, 0, 0, mass), mass, masses.b, wMass);
  const [first, second] = twoBody(random, w, wMass, 0, 0);
  const bottom = place(b);
  const angle = Math.min(RADIUS, distance(bottom, place(w)));
  return [{ ...bottom, gluon: false, angle }, ...singlet(first, second)];
}

const partonsOf = {
  g: (_random, pt) => [{ pt, eta: 0, phi: 0, gluon: true, angle: RADIUS }],
  q: (_random, pt) => [{ pt, eta: 0, phi: 0, gluon: false, angle: RADIUS }],
  w: (random, pt) => bosonPartons(random, pt, random.breitWigner(masses.w, widths.w, 60, 100)),
  z: (random, pt) => bosonPartons(random, pt, random.breitWigner(masses.z, widths.z, 70, 112)),
  t: topPartons,
};

/**
 * Constituents of jet number `index` of a class: { pt in GeV, eta and phi from the axis }, hardest first. The momentum
 * of what starts it falls from 850 GeV by a factor of e every 150 GeV, alike for all classes.
 */
export function makeJet(name, seed, index) {
  const random = new Random(seed, FIRST_STREAM + jetClasses.indexOf(name), index);
  for (;;) {
    const partons = partonsOf[name](random, 850 + random.exponential(150));
    const constituents = constituentsOf(random, partons, RADIUS);
    // A jet of fewer has no substructure to speak of, and next to none of these are made.
    if (constituents.length >= 3) return constituents;
  }
}
