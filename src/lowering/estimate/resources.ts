import { LUT_INPUTS } from '../../targets/delay-model.js';
import type { OwnerLuts } from './map-luts.js';

/** What a piece of a design takes of a device. */
export interface Resources {
  /** Look-up tables of two to six inputs, as synthesis counts them: an inverter is a cell of its own there. */
  readonly lut: number;
  /** Sites that the tables take: see `lutSites`. */
  readonly lutSites: number;
  /** Positions of carry chains. */
  readonly carryBits: number;
  /** Blocks of four of them (CARRY4); half as many where a block has eight. */
  readonly carryBlocks: number;
  readonly flipFlops: number;
  /** Tables used as shift registers; they are in `lutSites` but not in `lut`. */
  readonly shiftRegisters: number;
  readonly dsp: number;
}

/** A sum that is still being made. */
export class ResourceSum {
  private readonly sizes = new Float64Array(LUT_INPUTS + 1);
  private readonly onCarry = new Float64Array(LUT_INPUTS + 1);
  public carryBits = 0;
  public carryBlocks = 0;
  public flipFlops = 0;
  public shiftRegisters = 0;
  public dsp = 0;

  public addLuts(luts: OwnerLuts, times: number): void {
    for (let inputs = 1; inputs <= LUT_INPUTS; inputs++) {
      this.sizes[inputs] = (this.sizes[inputs] ?? 0) + times * (luts.sizes[inputs] ?? 0);
      this.onCarry[inputs] = (this.onCarry[inputs] ?? 0) + times * (luts.onCarry[inputs] ?? 0);
    }
  }

  public add(other: ResourceSum, times: number): void {
    this.addLuts({ sizes: Int32Array.from(other.sizes), onCarry: Int32Array.from(other.onCarry) }, times);
    this.carryBits += times * other.carryBits;
    this.carryBlocks += times * other.carryBlocks;
    this.flipFlops += times * other.flipFlops;
    this.shiftRegisters += times * other.shiftRegisters;
    this.dsp += times * other.dsp;
  }

  public finish(): Resources {
    const { carryBits, carryBlocks, flipFlops, shiftRegisters, dsp } = this;
    let lut = 0;
    for (let inputs = 2; inputs <= LUT_INPUTS; inputs++) lut += this.sizes[inputs] ?? 0;
    const sites = lutSites(this.sizes, this.onCarry, carryBits) + shiftRegisters;
    return { lut, lutSites: sites, carryBits, carryBlocks, flipFlops, shiftRegisters, dsp };
  }
}

/**
 * Sites of look-up tables: one for each carry bit, whether a table feeds it or not; one for each other table of four to
 * six inputs; and of the rest, two share a site while their inputs together are at most five, which a site with two
 * outputs has whatever the signals are (UG474, "7 Series FPGAs Configurable Logic Block", dual 5-input tables).
 */
export function lutSites(sizes: ArrayLike<number>, onCarry: ArrayLike<number>, carryBits: number): number {
  const free = (inputs: number): number => (sizes[inputs] ?? 0) - (onCarry[inputs] ?? 0);
  const small = free(1) + free(2);
  const pairs = Math.min(small, free(3));
  return carryBits + free(4) + free(5) + free(6) + free(3) + Math.ceil((small - pairs) / 2);
}
