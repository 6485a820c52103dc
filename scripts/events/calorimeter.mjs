// Calorimeter images: transverse energy in 18 × 14 regions, as the CMS Layer-1 calorimeter trigger sums them and the
// CICADA anomaly trigger reads them (Zipper et al. for CMS, "Testing a Neural Network for Anomaly Detection in the CMS
// Global Trigger Test Crate during Run 3", and CMS-DP-2023-086).
import { azimuthOf, etaOf, transverse, TWO_PI } from './kinematics.mjs';

export const PHI_REGIONS = 18;
export const ETA_REGIONS = 14;
/** GeV of one step; ten bits, saturating. */
export const REGION_STEP = 0.5;
export const REGION_MAX = 1023;
/** Edges of regions of four trigger towers each in |eta|. */
const etaEdges = [0, 0.348, 0.696, 1.044, 1.392, 1.74, 2.172, 3.0];
/** Mean number of soft deposits in a region at 60 collisions, and their mean ET in GeV, from the centre outwards. */
const SOFT = { counts: [1.0, 1.0, 1.02, 1.05, 1.1, 1.25, 1.5], energy: [1.2, 1.2, 1.2, 1.25, 1.3, 1.45, 1.6] };

export const calorimeterColumns = Array.from({ length: PHI_REGIONS }, (_, phi) =>
  Array.from({ length: ETA_REGIONS }, (_value, eta) => `phi${phi}_eta${eta}`),
).flat();

/** Region of a direction: phi-major, eta from -3 to 3; -1 outside. */
export function regionOf(eta, phi) {
  const size = Math.abs(eta);
  if (size >= 3) return -1;
  let ring = 0;
  while (etaEdges[ring + 1] <= size) ring++;
  const column = eta < 0 ? 6 - ring : 7 + ring;
  const turn = phi / TWO_PI - Math.floor(phi / TWO_PI);
  return ETA_REGIONS * Math.min(PHI_REGIONS - 1, Math.floor(turn * PHI_REGIONS)) + column;
}

const energies = new Float64Array(PHI_REGIONS * ETA_REGIONS);

/** A shower: its energy in a few shares around the axis. */
function deposit(random, vector, shares, width, resolution) {
  const [pt, eta, phi] = [transverse(vector), etaOf(vector), azimuthOf(vector)];
  const measured = Math.max(0, pt * (1 + random.normal(0, resolution / Math.sqrt(Math.max(pt, 1)))));
  let left = measured;
  for (let share = 0; share < shares && left > 0.2; share++) {
    const energy = share === shares - 1 ? left : left * random.between(0.15, 0.6);
    left -= energy;
    const region = regionOf(eta + random.normal(0, width), phi + random.normal(0, width));
    if (region >= 0) energies[region] += energy;
  }
}

/** Write the 252 region codes (unsigned, 10 bits) of one event to `row` from `offset`. */
export function writeRegions(random, truth, row, offset) {
  energies.fill(0);
  const scale = truth.pileup / 60;
  for (let region = 0; region < energies.length; region++) {
    const column = region % ETA_REGIONS;
    const ring = column < 7 ? 6 - column : column - 7;
    const count = random.poisson(SOFT.counts[ring] * scale);
    for (let each = 0; each < count; each++) energies[region] += random.exponential(SOFT.energy[ring]);
  }
  for (const { vector, electromagnetic } of truth.jets) {
    // The few particles of a tau stay together; a jet is wider.
    if (electromagnetic >= 0) deposit(random, vector, 3, 0.04, 0.7);
    else deposit(random, vector, 7, 0.15, 1);
  }
  for (const vector of truth.electrons) deposit(random, vector, 2, 0.02, 0.25);
  for (let region = 0; region < energies.length; region++) {
    row[offset + region] = Math.min(REGION_MAX, Math.floor(energies[region] / REGION_STEP));
  }
}
