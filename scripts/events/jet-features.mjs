// The 16 high-level features of the hls4ml jet data set (Pierini, Duarte, Tran, Freytsis, Zenodo 3602260; used in Duarte
// et al., "Fast inference of deep neural networks in FPGAs for particle physics", JINST 13 P07027, 2018), from
// constituents. Energy correlators: C Larkoski, Salam, Thaler (arXiv:1305.0007), D Larkoski, Moult, Neill (1409.6298),
// M and N Moult, Necib, Thaler (1609.07483); grooming: mMDT of Dasgupta, Fregoso, Marzani, Salam (1307.0007).

/** In the order of the data set; `mmdt` means computed on the groomed jet. */
export const featureNames = [
  ...['zlogz', 'c1_b0_mmdt', 'c1_b1_mmdt', 'c1_b2_mmdt', 'c2_b1_mmdt', 'c2_b2_mmdt', 'd2_b1_mmdt', 'd2_b2_mmdt'],
  ...['d2_a1_b1_mmdt', 'd2_a1_b2_mmdt', 'm2_b1_mmdt', 'm2_b2_mmdt', 'n2_b1_mmdt', 'n2_b2_mmdt', 'mass_mmdt'],
  'multiplicity',
];

/** Least share of the softer of two subjets. */
const MMDT_CUT = 0.1;

function squaredDistance(left, right) {
  const [eta, phi] = [left.eta - right.eta, left.phi - right.phi];
  return eta * eta + phi * phi;
}

/** Root of the Cambridge/Aachen tree: the two nearest are joined until one is left. */
function clusterTree(constituents) {
  const nodes = constituents.map((particle) => ({ ...particle, particle }));
  const nearest = nodes.map(() => ({ to: -1, square: Infinity }));
  const search = (index) => {
    const best = { to: -1, square: Infinity };
    for (let other = 0; other < nodes.length; other++) {
      if (other === index) continue;
      const square = squaredDistance(nodes[index], nodes[other]);
      if (square < best.square) [best.to, best.square] = [other, square];
    }
    nearest[index] = best;
  };
  for (let index = 0; index < nodes.length; index++) search(index);
  while (nodes.length > 1) {
    let first = 0;
    for (let index = 1; index < nodes.length; index++) if (nearest[index].square < nearest[first].square) first = index;
    const second = nearest[first].to;
    const [left, right] = [nodes[first], nodes[second]];
    const pt = left.pt + right.pt;
    const [low, high] = first < second ? [first, second] : [second, first];
    nodes[low] = {
      pt,
      eta: (left.pt * left.eta + right.pt * right.eta) / pt,
      phi: (left.pt * left.phi + right.pt * right.phi) / pt,
      children: left.pt > right.pt ? [left, right] : [right, left],
    };
    const last = nodes.length - 1;
    nodes[high] = nodes[last];
    nearest[high] = nearest[last];
    nodes.pop();
    nearest.pop();
    for (let index = 0; index < nodes.length; index++) {
      const { to, square } = nearest[index];
      // Whoever pointed at a node that is gone looks again; the others only compare with the new one.
      if (index === low || to === low || to === high) search(index);
      else {
        if (to === last) nearest[index].to = high;
        const fresh = squaredDistance(nodes[index], nodes[low]);
        if (fresh < square) nearest[index] = { to: low, square: fresh };
      }
    }
  }
  return nodes[0];
}

function leaves(node, list = []) {
  if (node.children === undefined) list.push(node.particle);
  else for (const child of node.children) leaves(child, list);
  return list;
}

/** Constituents that the modified mass drop tagger keeps: the tree is opened until both branches carry enough. */
export function groomed(constituents) {
  let node = clusterTree(constituents);
  while (node.children !== undefined && node.children[1].pt < MMDT_CUT * node.pt) node = node.children[0];
  return leaves(node);
}

/** Sums over pairs and triples, for exponents 1 and 2: e2, e3, and with the smallest one and two of three angles. */
function correlators(particles) {
  const count = particles.length;
  const total = particles.reduce((sum, { pt }) => sum + pt, 0);
  const share = Float64Array.from(particles, ({ pt }) => pt / total);
  const angle = new Float64Array(count * count);
  const sums = { pairs: 0, two1: 0, two2: 0, three1: 0, three2: 0, least1: 0, least2: 0, both1: 0, both2: 0 };
  let massSquared = 0;
  for (let first = 0; first < count; first++) {
    for (let second = 0; second < first; second++) {
      const [left, right] = [particles[first], particles[second]];
      const theta = Math.sqrt(squaredDistance(left, right));
      angle[first * count + second] = theta;
      angle[second * count + first] = theta;
      const weight = share[first] * share[second];
      sums.pairs += weight;
      sums.two1 += weight * theta;
      sums.two2 += weight * theta * theta;
      massSquared += 2 * left.pt * right.pt * (Math.cosh(left.eta - right.eta) - Math.cos(left.phi - right.phi));
    }
  }
  for (let first = 2; first < count; first++) {
    for (let second = 1; second < first; second++) {
      const pair = angle[first * count + second];
      const weightOfPair = share[first] * share[second];
      for (let third = 0; third < second; third++) {
        const left = angle[first * count + third];
        const right = angle[second * count + third];
        const weight = weightOfPair * share[third];
        const product = pair * left * right;
        const smaller = left < right ? left : right;
        const larger = left < right ? right : left;
        const least = smaller < pair ? smaller : pair;
        const both = larger > pair ? smaller * pair : left * right;
        sums.three1 += weight * product;
        sums.three2 += weight * product * product;
        sums.least1 += weight * least;
        sums.least2 += weight * least * least;
        sums.both1 += weight * both;
        sums.both2 += weight * both * both;
      }
    }
  }
  return { ...sums, mass: Math.sqrt(Math.max(0, massSquared)) };
}

const ratio = (numerator, denominator) => (denominator > 0 ? numerator / denominator : 0);

/** Write the 16 features of a jet's constituents { pt, eta, phi } to `row` from `offset`. */
export function writeFeatures(constituents, row, offset) {
  const total = constituents.reduce((sum, { pt }) => sum + pt, 0);
  let entropy = 0;
  for (const { pt } of constituents) entropy += (pt / total) * Math.log(pt / total);
  const e = correlators(groomed(constituents));
  const cube = (value) => value * value * value;
  const d21 = ratio(e.three1, cube(e.two1));
  row.set(
    [
      ...[entropy, e.pairs, e.two1, e.two2, ratio(e.three1, e.two1 * e.two1), ratio(e.three2, e.two2 * e.two2)],
      // With equal exponents D2(α, β) is D2(β), in the data set too.
      ...[d21, ratio(e.three2, cube(e.two2)), d21, ratio(e.three1, e.two2 * Math.sqrt(e.two2))],
      ...[ratio(e.least1, e.two1), ratio(e.least2, e.two2)],
      ...[ratio(e.both1, e.two1 * e.two1), ratio(e.both2, e.two2 * e.two2), e.mass, constituents.length],
    ],
    offset,
  );
}
