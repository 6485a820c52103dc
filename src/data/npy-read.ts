import { dataCodes } from '../diagnostics/codes/data.js';
import type { NpyElementType, NpyHeader } from './npy-header.js';
import type { FileProblems } from './problems.js';
import type { ValueSink } from './value-sink.js';

/** How the elements of a file are laid out: events × columns, and where column c of event r lies. */
export interface NpyLayout {
  readonly rows: number;
  readonly rowStride: number;
  /** Element offset of each column within its event; undefined when the columns simply follow each other. */
  readonly columnOffsets: Float64Array | undefined;
}

/**
 * Match a shape to `columns` ports. The first axis counts events and the others are flattened in C order; a vector is
 * one event of that many columns, or, for a single port element, that many events.
 */
export function npyLayout(header: NpyHeader, columns: number, problems: FileProblems): NpyLayout {
  const { shape, fortranOrder } = header;
  const shown = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const [first = 1, ...rest] = shape;
  const perEvent = rest.reduce((product, size) => product * size, 1);
  if (shape.length <= 1 && first === columns && columns > 1) return { rows: 1, rowStride: 0, columnOffsets: undefined };
  if (perEvent !== columns) {
    const wanted = columns === 1 ? '1 value an event' : `${columns} values an event`;
    problems.stop(
      dataCodes.columnCount,
      `the array of shape ${shown} has ${perEvent} values an event, the ports have ${wanted}`,
    );
  }
  if (!fortranOrder || shape.length <= 1) return { rows: first, rowStride: columns, columnOffsets: undefined };
  const columnOffsets = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    // Digits of the column number in C order, last axis fastest, weighted with Fortran's strides, first axis fastest.
    let left = column;
    let stride = first * perEvent;
    for (let axis = rest.length - 1; axis >= 0; axis--) {
      const size = rest[axis] ?? 1;
      stride /= size;
      columnOffsets[column] = (columnOffsets[column] ?? 0) + (left % size) * stride;
      left = Math.floor(left / size);
    }
  }
  return { rows: first, rowStride: 1, columnOffsets };
}

/** A half-precision float: 1 sign, 5 exponent, 10 fraction bits (IEEE 754-2008 binary16). */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

type ElementReader = (sink: ValueSink<unknown>, column: number, byteOffset: number) => void;

function elementReader(view: DataView, { kind, bytes, littleEndian: little }: NpyElementType): ElementReader {
  const number = (read: (offset: number) => number): ElementReader => {
    return (sink, column, offset) => {
      sink.number(column, read(offset));
    };
  };
  if (kind === 'f') {
    if (bytes === 2) return number((offset) => halfToNumber(view.getUint16(offset, little)));
    if (bytes === 4) return number((offset) => view.getFloat32(offset, little));
    return number((offset) => view.getFloat64(offset, little));
  }
  const signed = kind === 'i';
  switch (bytes) {
    case 1:
      return number((offset) => (signed ? view.getInt8(offset) : view.getUint8(offset)));
    case 2:
      return number((offset) => (signed ? view.getInt16(offset, little) : view.getUint16(offset, little)));
    case 4:
      return number((offset) => (signed ? view.getInt32(offset, little) : view.getUint32(offset, little)));
    case 8:
      return (sink, column, offset) => {
        const value = signed ? view.getBigInt64(offset, little) : view.getBigUint64(offset, little);
        const small = Number(value);
        if (Number.isSafeInteger(small)) sink.number(column, small);
        else sink.bigint(column, value);
      };
  }
}

/** Hand the elements of `data` to the sink, event by event. */
export function readNpyData(data: Buffer, header: NpyHeader, layout: NpyLayout, sink: ValueSink<unknown>): void {
  const { bytes } = header.element;
  const read = elementReader(new DataView(data.buffer, data.byteOffset, data.byteLength), header.element);
  const columns = sink.columns.length;
  const { rows, rowStride, columnOffsets } = layout;
  for (let row = 0; row < rows; row++) {
    sink.beginEvent();
    const base = row * rowStride;
    for (let column = 0; column < columns; column++) {
      read(sink, column, (base + (columnOffsets === undefined ? column : (columnOffsets[column] ?? 0))) * bytes);
    }
  }
}
