import { closestWord } from '../support/suggest.js';
import type { Capabilities } from './capabilities.js';
import { capabilities } from './capabilities.js';
import type { DelayModel, Family } from './delay-model.js';
import { delayModels } from './delay-model.js';

/** What a device holds. `blockRam` counts blocks of 36 Kb, `ultraRam` blocks of 288 Kb. */
export interface Capacity {
  readonly lut: number;
  readonly flipFlop: number;
  readonly dsp: number;
  readonly blockRam: number;
  readonly ultraRam: number;
}

export interface Part {
  /** Vivado's part string, such as `xcvu13p-flga2577-2-e`; `generic` without a part. */
  readonly name: string;
  /** Device without package and speed grade, such as `xcvu13p`. */
  readonly device: string;
  /** Vendor speed grade, such as `-2`; empty for `generic`. */
  readonly speedGrade: string;
  readonly family: Family;
  readonly delays: DelayModel;
  readonly capabilities: Capabilities;
  /** Super logic regions: dies on one interposer; crossing them costs time that the delay model does not know. */
  readonly superLogicRegions: number;
  /** Whole device; undefined where there is no device. */
  readonly capacity?: Capacity;
  /** One super logic region: the whole divided by their number, which is exact for the devices here. */
  readonly regionCapacity?: Capacity;
  readonly source: string;
}

interface Device {
  readonly family: Exclude<Family, 'generic'>;
  readonly superLogicRegions: number;
  readonly capacity: Capacity;
  /** Part string where only the device is named. */
  readonly defaultPart: string;
  readonly source: string;
}

/**
 * | device | source |
 * |---|---|
 * | XC7VX690T | DS180, "7 Series FPGAs Data Sheet: Overview", Virtex-7 table (108,300 slices of 4 LUT and 8 FF) |
 * | XCVU9P, XCVU13P | DS890, "UltraScale Architecture and Product Data Sheet: Overview", Virtex UltraScale+ table |
 *
 * Default packages: the MP7 and CTP7 boards carry the FFG1927 of speed grade 2; hls4ml and da4ml report on
 * `xcvu13p-flga2577-2-e`; trigger projects on VU9P use `xcvu9p-flgc2104`.
 */
const devices: Readonly<Record<string, Device>> = {
  xc7vx690t: {
    family: '7-series',
    superLogicRegions: 1,
    capacity: { lut: 433_200, flipFlop: 866_400, dsp: 3_600, blockRam: 1_470, ultraRam: 0 },
    defaultPart: 'xc7vx690tffg1927-2',
    source: 'DS180, Virtex-7 table',
  },
  xcvu9p: {
    family: 'ultrascale+',
    superLogicRegions: 3,
    capacity: { lut: 1_182_240, flipFlop: 2_364_480, dsp: 6_840, blockRam: 2_160, ultraRam: 960 },
    defaultPart: 'xcvu9p-flgc2104-2-e',
    source: 'DS890, Virtex UltraScale+ table',
  },
  xcvu13p: {
    family: 'ultrascale+',
    superLogicRegions: 4,
    capacity: { lut: 1_728_000, flipFlop: 3_456_000, dsp: 12_288, blockRam: 2_688, ultraRam: 1_280 },
    defaultPart: 'xcvu13p-flga2577-2-e',
    source: 'DS890, Virtex UltraScale+ table',
  },
};

/** Design for no device in particular: no capacities, the slower delays. */
export const genericPart: Part = {
  name: 'generic',
  device: 'generic',
  speedGrade: '',
  family: 'generic',
  delays: delayModels.generic,
  capabilities: capabilities.generic,
  superLogicRegions: 1,
  source: 'no device',
};

function divide(capacity: Capacity, by: number): Capacity {
  return {
    lut: capacity.lut / by,
    flipFlop: capacity.flipFlop / by,
    dsp: capacity.dsp / by,
    blockRam: capacity.blockRam / by,
    ultraRam: capacity.ultraRam / by,
  };
}

function makePart(name: string, deviceName: string, device: Device, speedGrade: string): Part {
  return {
    name,
    device: deviceName,
    speedGrade,
    family: device.family,
    delays: delayModels[device.family],
    capabilities: capabilities[device.family],
    superLogicRegions: device.superLogicRegions,
    capacity: device.capacity,
    regionCapacity: divide(device.capacity, device.superLogicRegions),
    source: device.source,
  };
}

/** A part, or the hint of what was probably meant. */
export type PartLookup = { readonly part: Part } | { readonly hint: string };

/** What follows the device in a part string: package and speed grade, and for UltraScale+ the temperature range. */
const suffixPatterns = {
  '7-series': /^-?(?<packaging>[a-z]{3}\d{3,4})-(?<grade>\d[a-z]{0,2})$/u,
  'ultrascale+': /^-(?<packaging>[a-z]{4}\d{3,4})-(?<grade>\d[a-z]{0,2})-(?<range>[a-z])$/u,
} as const;

/**
 * Find a part by Vivado's part string in any package and speed grade of a known device, or by its device alone
 * (`xcvu13p`, `VU13P`), ignoring case; `generic` is the part without a device. The result is spelt as Vivado spells it.
 * The hint names the closest known part.
 */
export function findPart(name: string): PartLookup {
  const text = name.trim().toLowerCase();
  if (text === 'generic') return { part: genericPart };
  for (const [deviceName, device] of Object.entries(devices)) {
    if (text === deviceName || `xc${text}` === deviceName) return findPart(device.defaultPart);
    if (!text.startsWith(deviceName)) continue;
    const suffix = suffixPatterns[device.family].exec(text.slice(deviceName.length))?.groups;
    if (suffix?.['packaging'] === undefined || suffix['grade'] === undefined) {
      return { hint: `a part string of ${deviceName} looks like '${device.defaultPart}'` };
    }
    // Letters of the speed grade (2L) are capitals in Vivado; a hyphen before a 7-series package is other tools' habit.
    const grade = suffix['grade'].toUpperCase();
    const full =
      device.family === '7-series'
        ? `${deviceName}${suffix['packaging']}-${grade}`
        : `${deviceName}-${suffix['packaging']}-${grade}-${suffix['range'] ?? ''}`;
    return { part: makePart(full, deviceName, device, `-${grade}`) };
  }
  const closest = closestWord(text, partNames()) ?? closestWord(text, Object.keys(devices));
  const meant = closest === undefined ? '' : `did you mean '${closest}'? `;
  return { hint: `${meant}known devices: ${Object.keys(devices).join(', ')}, generic` };
}

/** The default part string of every known device, and `generic`. */
export function partNames(): readonly string[] {
  return [...Object.values(devices).map((device) => device.defaultPart), genericPart.name];
}
