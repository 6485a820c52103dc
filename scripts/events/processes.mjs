// Hard collisions: what is produced, with which momentum, and how it decays. Parametric, leading kinematics only.
import { addLepton, decayB, decayTau, decayTop, decayW, masses, Truth, widths } from './decays.mjs';
import { fromPtEtaPhi, fromPtRapidityPhi, twoBody, vectorCosine } from './kinematics.mjs';

const BEAM = 6800;

/** A produced system with transverse momentum from initial-state radiation, which recoils as one jet or two. */
function produced(random, truth, mass, { scale, power }) {
  const pt = Math.min(random.recoil(scale, power), 1500);
  const spread = 0.38 * Math.log((2 * BEAM) / mass);
  const limit = Math.log((2 * BEAM) / Math.hypot(mass, pt)) - 0.3;
  let rapidity = random.normal(0, spread);
  while (Math.abs(rapidity) > limit) rapidity = random.normal(0, spread);
  const phi = random.azimuth();
  const system = fromPtRapidityPhi(pt, rapidity, phi, mass);
  const shares = random.chance(0.35) ? [random.between(0.5, 0.95)] : [1];
  if (shares[0] < 1) shares.push(1 - shares[0]);
  const turn = shares.length === 2 ? random.normal(0, 0.5) : 0;
  const first = fromPtEtaPhi(pt * shares[0], random.normal(rapidity * 0.5, 1.6), phi + Math.PI + turn);
  truth.addJet(first);
  if (shares.length === 2) {
    // What is left of the recoil, so that the transverse momenta balance.
    const [px, py] = [-system.px - first.px, -system.py - first.py];
    const eta = random.normal(rapidity * 0.5, 1.8);
    truth.addJet(fromPtEtaPhi(Math.hypot(px, py), eta, Math.atan2(py, px)));
  }
  return system;
}

/** Two particles of one mass, pair produced: the mass of the pair falls exponentially above threshold. */
function pair(random, truth, firstMass, secondMass, spectrum) {
  const threshold = firstMass + secondMass;
  const mass = Math.min(threshold * (1.02 + random.exponential(0.33)), BEAM);
  return twoBody(random, produced(random, truth, mass, spectrum), mass, firstMass, secondMass);
}

/** Two jets that balance, a falling spectrum above `minimum`, and radiation off both. */
export function dijet(random, truth, minimum, index) {
  let pt = random.powerLaw(minimum, index);
  let rapidity = random.normal(0, 1.4);
  let split = random.normal(0, 0.9);
  while (pt * Math.cosh(Math.abs(rapidity) + Math.abs(split)) > BEAM) {
    pt = random.powerLaw(minimum, index);
    rapidity = random.normal(0, 1.4);
    split = random.normal(0, 0.9);
  }
  const phi = random.azimuth();
  const first = fromPtEtaPhi(pt, rapidity + split, phi);
  let [px, py] = [-first.px, -first.py];
  if (random.chance(0.35)) {
    const share = 0.06 + 0.44 * random.uniform() * random.uniform();
    const radiated = fromPtEtaPhi(pt * share, random.normal(rapidity, 1.5), random.azimuth());
    truth.addJet(radiated);
    px -= radiated.px;
    py -= radiated.py;
  }
  const partners = [first, fromPtEtaPhi(Math.hypot(px, py), rapidity - split, Math.atan2(py, px))];
  for (const parton of partners) {
    if (random.chance(0.04)) decayB(random, truth, parton);
    else truth.addJet(parton);
  }
}

function wBoson(random, truth) {
  const mass = random.breitWigner(masses.w, widths.w, 40, 160);
  const w = produced(random, truth, mass, { scale: 9, power: 2.2 });
  decayW(random, truth, w, mass, { hadronic: false, cosine: vectorCosine(random) });
}

function zBoson(random, truth) {
  const mass = random.breitWigner(masses.z, widths.z, 50, 180);
  const z = produced(random, truth, mass, { scale: 9, power: 2.2 });
  const flavour = Math.floor(3 * random.uniform());
  const lepton = flavour === 2 ? masses.tau : 0;
  for (const vector of twoBody(random, z, mass, lepton, lepton, vectorCosine(random))) {
    addLepton(random, truth, vector, flavour);
  }
}

function topPair(random, truth) {
  const [first, second] = [0, 1].map(() => random.breitWigner(masses.top, widths.top, 150, 195));
  const [top, antitop] = pair(random, truth, first, second, { scale: 60, power: 2.5 });
  decayTop(random, truth, top, first);
  decayTop(random, truth, antitop, second);
}

/** A neutral scalar of 50 GeV to two off-shell Z bosons, each to two electrons or two muons. */
function fourLeptons(random, truth) {
  const mass = 50;
  const a = produced(random, truth, mass, { scale: 30, power: 2.6 });
  // Far below the pole the masses of the two are close to flat where both fit.
  const drawMass = () => random.between(4, mass - 4);
  let [first, second] = [drawMass(), drawMass()];
  while (first + second > mass - 1) [first, second] = [drawMass(), drawMass()];
  const bosons = twoBody(random, a, mass, first, second);
  for (const [index, boson] of bosons.entries()) {
    const flavour = random.chance(0.5) ? 0 : 1;
    for (const lepton of twoBody(random, boson, index === 0 ? first : second, 0, 0)) {
      addLepton(random, truth, lepton, flavour);
    }
  }
}

/** A pair of leptoquarks of 80 GeV, each to b and tau. */
function leptoquarks(random, truth) {
  const mass = 80;
  for (const leptoquark of pair(random, truth, mass, mass, { scale: 48, power: 2.6 })) {
    const [b, tau] = twoBody(random, leptoquark, mass, masses.b, masses.tau);
    decayB(random, truth, b);
    decayTau(random, truth, tau);
  }
}

/** A neutral scalar of 60 GeV to two taus. */
function neutralScalar(random, truth) {
  const mass = 60;
  const scalar = produced(random, truth, mass, { scale: 32, power: 2.6 });
  for (const tau of twoBody(random, scalar, mass, masses.tau, masses.tau)) decayTau(random, truth, tau);
}

/** A charged scalar of 60 GeV to a tau and a neutrino. */
function chargedScalar(random, truth) {
  const mass = 60;
  const scalar = produced(random, truth, mass, { scale: 32, power: 2.6 });
  const [tau, neutrino] = twoBody(random, scalar, mass, masses.tau, 0);
  decayTau(random, truth, tau);
  truth.addInvisible(neutrino);
}

/**
 * Rates of rare processes in a zero-bias collision: their cross-sections at 13.6 TeV over 80 mb of inelastic ones
 * (W → ℓν 63 nb, Z → ℓℓ 6.1 nb, top pairs 0.92 nb; rounded from CMS and ATLAS measurements).
 */
const rare = [
  { rate: 63e-6 / 80, produce: wBoson },
  { rate: 6.1e-6 / 80, produce: zBoson },
  { rate: 0.92e-6 / 80, produce: topPair },
];

/** Every process by name: number in its random stream, what it is, and its hard collision (none for zero bias). */
export const processes = {
  'zero-bias': {
    stream: 1,
    summary: 'what a random bunch crossing holds: pile-up, and rarely W, Z, top',
    produce: undefined,
  },
  qcd: {
    stream: 2,
    summary: 'two jets above 30 GeV, falling as pt^-5.3',
    produce: (random, truth) => dijet(random, truth, 30, 4.3),
  },
  w: { stream: 3, summary: 'W to electron, muon or tau, and neutrino', produce: wBoson },
  z: { stream: 4, summary: 'Z to two electrons, muons or taus', produce: zBoson },
  ttbar: { stream: 5, summary: 'top quark pairs, all decays', produce: topPair },
  'a-4l': { stream: 6, summary: 'signal: scalar A of 50 GeV to two off-shell Z to four e or μ', produce: fourLeptons },
  'lq-btau': { stream: 7, summary: 'signal: pair of leptoquarks of 80 GeV to b tau each', produce: leptoquarks },
  'h0-tautau': { stream: 8, summary: 'signal: neutral scalar of 60 GeV to two taus', produce: neutralScalar },
  'hpm-taunu': { stream: 9, summary: 'signal: charged scalar of 60 GeV to tau and neutrino', produce: chargedScalar },
};

/** The hard collision of a process, or a rare one hidden in `collisions` zero-bias ones. */
export function produceHard(random, process, collisions) {
  const truth = new Truth();
  if (process.produce !== undefined) process.produce(random, truth);
  else for (const { rate, produce } of rare) if (random.chance(rate * collisions)) produce(random, truth);
  return truth;
}
