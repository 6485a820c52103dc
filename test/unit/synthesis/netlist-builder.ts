/** Small netlists by hand, in the form of Yosys' `write_json`. */
export class NetlistBuilder {
  private next = 2;
  private cellCount = 0;
  private readonly ports: Record<string, unknown> = {};
  private readonly cells: Record<string, unknown> = {};
  private readonly netnames: Record<string, unknown> = {};

  public net(name?: string): number {
    const net = this.next++;
    if (name !== undefined) this.netnames[name] = { hide_name: 0, bits: [net] };
    return net;
  }

  public nets(count: number, name?: string): number[] {
    const nets = Array.from({ length: count }, () => this.net());
    if (name !== undefined) this.netnames[name] = { hide_name: 0, bits: nets };
    return nets;
  }

  public input(name: string, width = 1): number[] {
    const bits = this.nets(width, name);
    this.ports[name] = { direction: 'input', bits };
    return bits;
  }

  public output(name: string, bits: readonly Bit[]): void {
    this.ports[name] = { direction: 'output', bits };
  }

  /** A cell with the given pins, each one bit or several. */
  public cell(type: string, pins: Pins, parameters?: Readonly<Record<string, unknown>>): void {
    const connections = Object.fromEntries(
      Object.entries(pins).map(([name, bits]) => [name, Array.isArray(bits) ? bits : [bits]]),
    );
    this.cells[`${type.toLowerCase()}_${this.cellCount++}`] = { type, parameters, connections };
  }

  /** A table of the given inputs; returns its output. */
  public lut(...inputs: readonly Bit[]): number {
    const output = this.net();
    const pins = Object.fromEntries(inputs.map((net, index) => [`I${index}`, net]));
    this.cell(`LUT${inputs.length}`, { ...pins, O: output });
    return output;
  }

  public flipFlop(clock: number, data: Bit): number {
    const output = this.net();
    this.cell('FDRE', { C: clock, CE: '1', D: data, R: '0', Q: output });
    return output;
  }

  /** left + right as Yosys maps it: a LUT2 before each bit of a chain of CARRY4. Returns the sum, as wide as `left`. */
  public add(left: readonly Bit[], right: readonly Bit[]): number[] {
    const select = left.map((bit, index) => this.lut(bit, right[index] ?? '0'));
    const sum: number[] = [];
    let carry: Bit = '0';
    for (let low = 0; low < left.length; low += 4) {
      const pad = (bits: readonly Bit[]): Bit[] => Array.from({ length: 4 }, (_, bit) => bits[low + bit] ?? '0');
      const [out, carryOut] = [this.nets(4), this.nets(4)];
      this.cell('CARRY4', { CI: carry, CYINIT: '0', S: pad(select), DI: pad(left), O: out, CO: carryOut });
      sum.push(...out);
      carry = carryOut[3] ?? '0';
    }
    return sum.slice(0, left.length);
  }

  public json(): unknown {
    const { ports, cells, netnames } = this;
    return { modules: { design: { attributes: { top: '1'.padStart(32, '0') }, ports, cells, netnames } } };
  }
}

/** A net, or a constant as Yosys writes it. */
export type Bit = number | '0' | '1' | 'x';

export type Pins = Readonly<Record<string, Bit | readonly Bit[]>>;
