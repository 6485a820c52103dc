// A toy parton shower in the plane of pseudorapidity and azimuth about a jet's axis, at leading logarithm: emissions
// ordered in angle with the QCD splitting functions and a running coupling (as in Ellis, Stirling, Webber, "QCD and
// Collider Physics", chapter 5), drawn by the veto algorithm; then hadrons, and what a detector makes of them.

const COLOUR = { quark: 4 / 3, gluon: 3 };
/** Transverse momentum in GeV below which partons no longer split. */
const CUT = 0.9;
const LAMBDA_SQUARED = 0.2 * 0.2;
const BETA = (33 - 2 * 5) / (12 * Math.PI);

const coupling = (momentum) => 1 / (BETA * Math.log((momentum * momentum) / LAMBDA_SQUARED));
const LARGEST_COUPLING = coupling(CUT);
/** Above the ratio of the gluon's splitting functions to 2 C/z. */
const GLUON_EXCESS = 1.25;

/** Draw the next splitting of a parton below its angle: where it opens, the share that leaves, and whether g → q q̄. */
function nextSplitting(random, { pt, gluon, angle }) {
  const most = gluon ? 0.5 : 1;
  const least = CUT / (pt * angle);
  if (least >= 0.5) return undefined;
  const range = most / least;
  const colour = gluon ? COLOUR.gluon : COLOUR.quark;
  const excess = gluon ? GLUON_EXCESS : 1;
  const density = ((LARGEST_COUPLING * 2 * colour) / Math.PI) * excess * Math.log(range);
  for (let theta = angle; ;) {
    theta *= Math.exp(Math.log(random.uniform()) / density);
    if (pt * theta < 2 * CUT) return undefined;
    const share = least * Math.exp(Math.log(range) * random.uniform());
    const momentum = Math.min(share, 1 - share) * theta * pt;
    if (momentum < CUT) continue;
    const rest = 1 - share;
    const radiates = gluon ? (share * share) / rest + rest + share * share * rest : (1 + rest * rest) / 2;
    const divides = gluon ? (share * 2.5 * (share * share + rest * rest)) / 6 : 0;
    const draw = random.uniform() * excess * LARGEST_COUPLING;
    const strength = coupling(momentum);
    if (draw < strength * (radiates + divides)) {
      return { theta, share, quarks: random.uniform() * (radiates + divides) < divides };
    }
  }
}

/** Partons that no longer split, from one of { pt, eta, phi, gluon, angle }. */
function showered(random, first) {
  const waiting = [first];
  const final = [];
  for (let parton = waiting.pop(); parton !== undefined; parton = waiting.pop()) {
    const splitting = nextSplitting(random, parton);
    if (splitting === undefined) {
      final.push(parton);
      continue;
    }
    const { theta, share, quarks } = splitting;
    const { pt, eta, phi, gluon } = parton;
    const direction = random.azimuth();
    const [across, up] = [theta * Math.cos(direction), theta * Math.sin(direction)];
    const rest = 1 - share;
    waiting.push(
      { pt: pt * share, eta: eta + rest * across, phi: phi + rest * up, gluon: !quarks, angle: theta },
      { pt: pt * rest, eta: eta - share * across, phi: phi - share * up, gluon: gluon && !quarks, angle: theta },
    );
  }
  return final;
}

/** A parton breaks into a few hadrons with limited transverse momentum. */
function hadrons(random, { pt, eta, phi, gluon }, list) {
  const count = 1 + random.poisson(gluon ? 1.1 : 0.9);
  let left = pt;
  for (let index = 0; index < count; index++) {
    const momentum = index === count - 1 ? left : left * random.between(0.1, 0.7);
    left -= momentum;
    const kick = 0.35 / Math.max(momentum, 0.5);
    list.push({ pt: momentum, eta: eta + random.normal(0, kick), phi: phi + random.normal(0, kick) });
  }
}

/** Charged particles are measured well, photons and neutral hadrons by calorimeters; the soft are lost. */
function measured(random, list) {
  const seen = [];
  for (const { pt, eta, phi } of list) {
    const kind = random.uniform();
    const [stochastic, constant, granularity] =
      kind < 0.6 ? [0, 0.02, 0.002] : kind < 0.86 ? [0.1, 0.02, 0.012] : [0.8, 0.06, 0.04];
    const width = Math.sqrt((stochastic * stochastic) / Math.max(pt, 0.3) + constant * constant);
    const momentum = pt * (1 + random.normal(0, width));
    const [first, second] = [eta + random.normal(0, granularity), phi + random.normal(0, granularity)];
    if (momentum > 1) seen.push({ pt: momentum, eta: first, phi: second });
  }
  return seen;
}

/**
 * Constituents { pt, eta, phi } of a jet of radius `radius` from its partons { pt, eta, phi, gluon, angle }, with soft
 * particles of the rest of the event: about the momentum-weighted axis, hardest first.
 */
export function constituentsOf(random, partons, radius) {
  const list = [];
  for (const parton of partons) for (const final of showered(random, parton)) hadrons(random, final, list);
  const soft = random.poisson(9);
  for (let index = 0; index < soft; index++) {
    const distance = radius * Math.sqrt(random.uniform());
    const direction = random.azimuth();
    const [eta, phi] = [distance * Math.cos(direction), distance * Math.sin(direction)];
    list.push({ pt: 0.5 + random.exponential(0.9), eta, phi });
  }
  const seen = measured(random, list);
  let [sum, eta, phi] = [0, 0, 0];
  for (const particle of seen) {
    sum += particle.pt;
    eta += particle.pt * particle.eta;
    phi += particle.pt * particle.phi;
  }
  const inside = [];
  for (const particle of seen) {
    const [first, second] = [particle.eta - eta / sum, particle.phi - phi / sum];
    if (first * first + second * second < radius * radius) inside.push({ pt: particle.pt, eta: first, phi: second });
  }
  return inside.sort((left, right) => right.pt - left.pt);
}
