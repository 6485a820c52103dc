// Decays of tau leptons, W bosons, top quarks and b hadrons into what a detector sees. Masses and branching fractions:
// Particle Data Group, Review of Particle Physics (Phys. Rev. D 110, 030001, 2024), rounded.
import { add, boost, threeBody, transverse, twoBody } from './kinematics.mjs';

export const masses = { tau: 1.777, w: 80.4, z: 91.2, top: 172.5, b: 4.8 };
export const widths = { w: 2.1, z: 2.5, top: 1.4, rho: 0.149, a1: 0.4 };

/** What the hard collision, or pile-up, sends into the detector. Jets carry the electromagnetic part of their energy. */
export class Truth {
  electrons = [];
  muons = [];
  jets = [];
  invisible = { x: 0, y: 0 };
  pileup = 0;

  /** `electromagnetic` in 0 … 1; -1 where the detector simulation is to draw it. */
  addJet(vector, electromagnetic = -1) {
    if (transverse(vector) > 0.5) this.jets.push({ vector, electromagnetic });
  }

  addInvisible({ px, py }) {
    this.invisible.x += px;
    this.invisible.y += py;
  }
}

/** Energy of the charged lepton in tau → ℓνν as a share of half the mass: Michel's spectrum 2x²(3 - 2x), unpolarised. */
function michel(random) {
  for (;;) {
    const share = random.uniform();
    if (random.uniform() < share * share * (3 - 2 * share)) return share;
  }
}

const minus = (left, right) => ({ px: left.px - right.px, py: left.py - right.py });

export function decayTau(random, truth, tau) {
  const choice = random.uniform();
  if (choice < 0.352) {
    // Sent out as one half of a decay into two massless particles, then scaled: its direction is isotropic.
    const share = michel(random);
    const [full] = twoBody(random, { px: 0, py: 0, pz: 0, e: masses.tau }, masses.tau, 0, 0);
    const scaled = { px: share * full.px, py: share * full.py, pz: share * full.pz, e: share * full.e };
    const lepton = boost(scaled, tau, masses.tau);
    (choice < 0.178 ? truth.electrons : truth.muons).push(lepton);
    truth.addInvisible(minus(tau, lepton));
    return;
  }
  const mode = random.uniform();
  let hadronMass = 0.14;
  let electromagnetic = 0.05;
  if (mode > 0.167 && mode < 0.63) {
    hadronMass = random.breitWigner(0.775, widths.rho, 0.3, 1.4);
    electromagnetic = random.uniform();
  } else if (mode >= 0.63) {
    hadronMass = random.breitWigner(1.26, widths.a1, 0.5, 1.7);
    electromagnetic = mode < 0.79 ? random.between(0.2, 0.9) : 0.05;
  }
  const [hadrons, neutrino] = twoBody(random, tau, masses.tau, hadronMass, 0);
  truth.addJet(hadrons, electromagnetic);
  truth.addInvisible(neutrino);
}

/** One lepton of a given flavour: 0 electron, 1 muon, 2 tau. */
export function addLepton(random, truth, vector, flavour) {
  if (flavour === 0) truth.electrons.push(vector);
  else if (flavour === 1) truth.muons.push(vector);
  else decayTau(random, truth, vector);
}

export const leptonMass = (flavour) => (flavour === 2 ? masses.tau : 0);

/** W → ℓν, each flavour alike, or to quarks with two thirds where `hadronic` is allowed. */
export function decayW(random, truth, w, mass, { hadronic, cosine }) {
  if (hadronic && random.chance(0.674)) {
    for (const quark of twoBody(random, w, mass, 0, 0, cosine)) truth.addJet(quark);
    return;
  }
  const flavour = Math.floor(3 * random.uniform());
  const [lepton, neutrino] = twoBody(random, w, mass, leptonMass(flavour), 0, cosine);
  addLepton(random, truth, lepton, flavour);
  truth.addInvisible(neutrino);
}

/**
 * A b quark: most of its momentum goes to a B hadron, which gives an electron or a muon in 11 % each (B → Dℓν in phase
 * space); what is left is the jet.
 */
export function decayB(random, truth, quark) {
  const choice = random.uniform();
  const share = Math.min(0.95, Math.max(0.3, random.normal(0.72, 0.13)));
  const momentum = Math.sqrt(quark.px * quark.px + quark.py * quark.py + quark.pz * quark.pz);
  if (choice > 0.22 || momentum * share < 8) {
    truth.addJet(quark);
    return;
  }
  const mass = 5.3;
  const hadron = {
    px: share * quark.px,
    py: share * quark.py,
    pz: share * quark.pz,
    e: Math.hypot(share * momentum, mass),
  };
  const [, lepton, neutrino] = threeBody(random, hadron, mass, [1.9, 0, 0]);
  // An electron within a jet is part of the jet's energy; a muon is not.
  const lost = choice < 0.11 ? neutrino : add(neutrino, lepton);
  if (choice >= 0.11) truth.muons.push(lepton);
  truth.addInvisible(neutrino);
  truth.addJet({ px: quark.px - lost.px, py: quark.py - lost.py, pz: quark.pz - lost.pz, e: quark.e - lost.e });
}

export function decayTop(random, truth, top, mass) {
  const wMass = random.breitWigner(masses.w, widths.w, 60, 100);
  const [b, w] = twoBody(random, top, mass, masses.b, wMass);
  decayB(random, truth, b);
  decayW(random, truth, w, wMass, { hadronic: true });
}
