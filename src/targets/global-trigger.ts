import type { FixedPointType } from '../numeric/fixed-point.js';
import { fixedPointType } from '../numeric/fixed-point.js';

/** Bits of a hardware word, both ends included, and the type that they are read as. */
export interface WordField {
  readonly low: number;
  readonly high: number;
  readonly type: FixedPointType;
}

/** Words of one kind, such as the eight muons of a bunch crossing. */
export interface WordCollection {
  readonly name: string;
  readonly count: number;
  /** Bits of each word. */
  readonly width: number;
  readonly fields: ReadonlyMap<string, WordField>;
}

/** Energies and momenta in steps of 0.5 GeV; the value is in GeV. */
function energy(high: number, low: number): WordField {
  return { low, high, type: fixedPointType(false, high - low + 1, high - low) };
}

/** Everything else: the value is the integer of the hardware. */
function integer(high: number, low: number, signed = false): WordField {
  return { low, high, type: fixedPointType(signed, high - low + 1, high - low + 1) };
}

function collection(
  name: string,
  count: number,
  width: number,
  fields: Readonly<Record<string, WordField>>,
): WordCollection {
  return { name, count, width, fields: new Map(Object.entries(fields)) };
}

const calorimeterObject = {
  et: energy(8, 0),
  eta: integer(16, 9, true),
  phi: integer(24, 17),
  iso: integer(26, 25),
} as const;
const sum = { et: energy(11, 0) } as const;
const vectorSum = { ...sum, phi: integer(19, 12) } as const;

/**
 * Objects that the CMS Global Trigger of Runs 2 and 3 receives in each bunch crossing, in the order of its pattern
 * files. Steps: pt and et 0.5 GeV; calorimeter eta 0.0435, phi 2π/144; muon eta 0.010875, phi 2π/576. The bits are those
 * that the firmware (cms-l1-globaltrigger/mp7_ugt_legacy, gtl_pkg.vhd) cuts from its links.
 */
export const globalTriggerObjects: readonly WordCollection[] = [
  collection('muon', 8, 64, {
    phi: integer(9, 0),
    pt: energy(18, 10),
    qual: integer(22, 19),
    eta: integer(31, 23, true),
    iso: integer(33, 32),
    charge: integer(35, 34),
  }),
  collection('egamma', 12, 32, calorimeterObject),
  collection('tau', 12, 32, calorimeterObject),
  collection('jet', 12, 32, { et: energy(10, 0), eta: integer(18, 11, true), phi: integer(26, 19) }),
  collection('ett', 1, 32, sum),
  collection('htt', 1, 32, sum),
  collection('etm', 1, 32, vectorSum),
  collection('htm', 1, 32, vectorSum),
  collection('etmhf', 1, 32, vectorSum),
  collection('htmhf', 1, 32, vectorSum),
];
