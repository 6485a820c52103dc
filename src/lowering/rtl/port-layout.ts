import { printType } from '../../numeric/fixed-point.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { at, invariant } from '../../support/invariant.js';
import type { NameTable } from '../../support/legal-names.js';
import type { DesignInterface } from '../../design/design.js';
import type { ProgramOutput } from '../../dataflow/program.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlParameter, RtlPort } from '../../rtl/module.js';

/** Where an element of a port lies on the wire. */
export interface PortElement {
  /** Verilog port that carries it. */
  readonly port: string;
  readonly low: number;
  readonly type: FixedPointType;
  /** Clock of the event in which it stands there; 0 where absent. */
  readonly clock?: number;
}

export interface RtlPortMap {
  /** Graph tensor name. */
  readonly name: string;
  readonly elements: readonly PortElement[];
}

/** The data ports of a top module, and the wiring between them and the elements of the tensors. */
export class PortLayout {
  public readonly ports: RtlPort[] = [];
  /** Foreign names and the identifiers that stand for them. */
  public readonly identifiers: (readonly [string, string])[] = [];

  public constructor(
    private readonly layout: DesignInterface['ports'],
    private readonly names: NameTable,
  ) {}

  /**
   * Ports of an input tensor, and a wire for each element; `define` is told of each. One that comes in parts, one part in
   * each of so many clocks, has ports and wires for the elements of one part.
   */
  public input(
    name: string,
    types: readonly FixedPointType[],
    items: RtlItem[],
    define: (signal: RtlSignal, type: FixedPointType, clock: number) => void,
    clocks = 1,
  ): RtlPortMap {
    const lanes = types.length / clocks;
    const { stem, elements } = this.layOut(name, types.slice(0, lanes), 'input', clocks);
    const wires = elements.map(({ port, low, type }, index) => {
      const { width, signed } = type;
      const signal = { name: `w_${stem}_e${index}`, width, signed };
      items.push({
        kind: 'wire',
        signal,
        value: { kind: 'bits', name: port, high: low + width - 1, low, width, signed },
      });
      return signal;
    });
    const parts = Array.from({ length: clocks }, (_, clock) =>
      elements.map((element, lane) => {
        define(at(wires, lane), element.type, clock);
        return clock === 0 ? element : { ...element, clock };
      }),
    );
    return { name, elements: parts.flat() };
  }

  /** Ports of an output tensor, driven by the expressions of its elements. */
  public output({ name, types }: ProgramOutput, values: readonly RtlExpression[], items: RtlItem[]): RtlPortMap {
    const { port: packed, stem, elements } = this.layOut(name, types, 'output');
    const parts = values.map((value, index) => {
      const type = types[index];
      invariant(type !== undefined, 'an output element has a type');
      return resize(value, type.width);
    });
    if (this.layout === 'elements') {
      elements.forEach(({ port }, index) => {
        const value = parts[index];
        if (value !== undefined) items.push({ kind: 'assign', target: port, value });
      });
      return { name, elements };
    }
    // Element 0 lies in the least significant bits, so it is the last part. Each part needs its exact width there.
    const wires = parts.map((value, index) => {
      const signal = { name: `w_${stem}_e${index}`, width: value.width, signed: value.signed };
      items.push({ kind: 'wire', signal, value });
      return signalOf(signal);
    });
    const width = wires.reduce((sum, wire) => sum + wire.width, 0);
    const value: RtlExpression = { kind: 'concat', parts: wires.reverse(), width, signed: false };
    items.push({ kind: 'assign', target: packed, value });
    return { name, elements };
  }

  /** Ports for a tensor: one packed port, element 0 lowest and without padding, or one port per element. */
  private layOut(
    name: string,
    types: readonly FixedPointType[],
    direction: 'input' | 'output',
    clocks = 1,
  ): { port: string; stem: string; elements: PortElement[] } {
    // Wires begin with w_ and instances with u_, ports with neither: a foreign name cannot meet one of ours.
    const own = /^[uw]_/iu.test(name) ? `port_${name}` : name;
    const port = this.names.fresh(own);
    this.identifiers.push([name, port]);
    const elements: PortElement[] = [];
    const pace = clocks === 1 ? '' : ` in each of ${clocks} clocks`;
    let low = 0;
    const packed = this.layout === 'packed';
    types.forEach((type, index) => {
      if (packed) {
        elements.push({ port, low, type });
        low += type.width;
        return;
      }
      const single = this.names.fresh(`${own}_${index}`);
      this.ports.push({
        name: single,
        direction,
        width: type.width,
        signed: false,
        comment: `${printType(type)}${pace}`,
      });
      elements.push({ port: single, low: 0, type });
    });
    if (packed) {
      const [first] = types;
      const uniform = first !== undefined && types.every((type) => printType(type) === printType(first));
      const comment = uniform ? `${types.length} x ${printType(first)}` : `${types.length} elements`;
      this.ports.push({ name: port, direction, width: low, signed: false, comment: `${comment}${pace}` });
    }
    return { port, stem: port, elements };
  }

  /** The widths of the ports, as parameters that describe the module. */
  public widths(ports: readonly RtlPortMap[]): RtlParameter[] {
    return ports.map((port) => ({
      name: this.names.fresh(`WIDTH_${(port.elements[0]?.port ?? port.name).toUpperCase()}`),
      value:
        this.layout === 'packed'
          ? port.elements.reduce((sum, { type, clock = 0 }) => sum + (clock === 0 ? type.width : 0), 0)
          : (port.elements[0]?.type.width ?? 0),
    }));
  }
}
