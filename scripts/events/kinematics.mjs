// Four-vectors { px, py, pz, e } in GeV, and decays in phase space.

export const TWO_PI = 2 * Math.PI;

/** From transverse momentum, pseudorapidity (of the momentum, not the rapidity), azimuth and mass. */
export function fromPtEtaPhi(pt, eta, phi, mass = 0) {
  const px = pt * Math.cos(phi);
  const py = pt * Math.sin(phi);
  const pz = pt * Math.sinh(eta);
  return { px, py, pz, e: Math.sqrt(pt * pt + pz * pz + mass * mass) };
}

/** From transverse momentum, rapidity, azimuth and mass. */
export function fromPtRapidityPhi(pt, rapidity, phi, mass) {
  const transverse = Math.sqrt(pt * pt + mass * mass);
  return {
    px: pt * Math.cos(phi),
    py: pt * Math.sin(phi),
    pz: transverse * Math.sinh(rapidity),
    e: transverse * Math.cosh(rapidity),
  };
}

export const transverse = ({ px, py }) => Math.sqrt(px * px + py * py);
export const azimuthOf = ({ px, py }) => Math.atan2(py, px);

/** Pseudorapidity; a vector along the beam gets ±20. */
export function etaOf(vector) {
  const ratio = vector.pz / Math.max(transverse(vector), 1e-9);
  return Math.max(-20, Math.min(20, Math.asinh(ratio)));
}

export const add = (left, right) => ({
  px: left.px + right.px,
  py: left.py + right.py,
  pz: left.pz + right.pz,
  e: left.e + right.e,
});

export const massOf = ({ px, py, pz, e }) => Math.sqrt(Math.max(0, e * e - px * px - py * py - pz * pz));

/** Difference of azimuths in [-π, π). */
export function deltaPhi(left, right) {
  const difference = left - right;
  return difference - TWO_PI * Math.floor((difference + Math.PI) / TWO_PI);
}

/** Take a vector from the rest frame of `frame` (of mass `mass`) to where `frame` is seen. */
export function boost(vector, frame, mass) {
  const along = vector.px * frame.px + vector.py * frame.py + vector.pz * frame.pz;
  const factor = (along / (frame.e + mass) + vector.e) / mass;
  return {
    px: vector.px + frame.px * factor,
    py: vector.py + frame.py * factor,
    pz: vector.pz + frame.pz * factor,
    e: (vector.e * frame.e + along) / mass,
  };
}

/** Momentum of either product in the rest frame of a two-body decay (Källén); 0 at or below threshold. */
export function breakupMomentum(mass, first, second) {
  const sum = first + second;
  const difference = first - second;
  const product = (mass * mass - sum * sum) * (mass * mass - difference * difference);
  return product > 0 ? Math.sqrt(product) / (2 * mass) : 0;
}

function direction(random, cosine) {
  const sine = Math.sqrt(1 - cosine * cosine);
  const phi = random.azimuth();
  return { x: sine * Math.cos(phi), y: sine * Math.sin(phi), z: cosine };
}

/** cos θ with density ∝ 1 + cos²θ: a vector boson from quarks along the beam, charges summed. */
export function vectorCosine(random) {
  for (;;) {
    const cosine = 2 * random.uniform() - 1;
    if (2 * random.uniform() < 1 + cosine * cosine) return cosine;
  }
}

/**
 * Decay of `parent` into two particles. `cosine` is that of the angle of the first with the z axis in the rest frame;
 * without it the decay is isotropic.
 */
export function twoBody(random, parent, mass, firstMass, secondMass, cosine = 2 * random.uniform() - 1) {
  const momentum = breakupMomentum(mass, firstMass, secondMass);
  const { x, y, z } = direction(random, cosine);
  const [px, py, pz] = [momentum * x, momentum * y, momentum * z];
  const square = momentum * momentum;
  const first = { px, py, pz, e: Math.sqrt(square + firstMass * firstMass) };
  const second = { px: -px, py: -py, pz: -pz, e: Math.sqrt(square + secondMass * secondMass) };
  return [boost(first, parent, mass), boost(second, parent, mass)];
}

/** Decay into three particles, flat in phase space: the mass of the last two by rejection, then two decays of two. */
export function threeBody(random, parent, mass, [first, second, third]) {
  const low = second + third;
  const high = mass - first;
  const bound = breakupMomentum(mass, first, low) * breakupMomentum(high, second, third);
  for (;;) {
    const pair = random.between(low, high);
    const weight = breakupMomentum(mass, first, pair) * breakupMomentum(pair, second, third);
    if (random.uniform() * bound > weight) continue;
    const [one, rest] = twoBody(random, parent, mass, first, pair);
    return [one, ...twoBody(random, rest, pair, second, third)];
  }
}
