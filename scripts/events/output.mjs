// Streams of rows into .npy (NumPy Enhancement Proposal 1) or .csv.gz, never held whole; the file appears when complete.
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const descriptors = new Map([
  [Float32Array, '<f4'],
  [Int16Array, '<i2'],
  [Uint16Array, '<u2'],
  [Uint8Array, '|u1'],
]);

function npyHeader(type, shape) {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descriptors.get(type)}', 'fortran_order': False, 'shape': (${list}), }`;
  const padding = 64 - ((10 + text.length + 1) % 64);
  const body = `${text}${' '.repeat(padding === 64 ? 0 : padding)}\n`;
  const header = Buffer.alloc(10 + body.length);
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(body.length, 8);
  header.write(body, 10, 'latin1');
  return header;
}

/** Shortest decimal that reads back as the same 32-bit float, integers as they are. */
function decimal(value) {
  if (Number.isInteger(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * Open a file for `rows` rows of `columns.length` values. `type` is the typed array of a .npy file; `shape` that of one
 * row where it has several axes. The name decides on the format.
 */
export function openRows(path, { rows, columns, type, shape = [columns.length], header = true }) {
  const npy = path.endsWith('.npy');
  const partial = `${path}.partial-${process.pid}`;
  const file = openSync(partial, 'w');
  const put = (bytes) => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  if (npy) put(npyHeader(type, [rows, ...shape]));
  else if (header) put(gzipSync(`${columns.join(',')}\n`));
  const width = columns.length;
  return {
    /** Append the first `count` rows of `block`, a typed array of the file's type. */
    write(block, count) {
      if (npy) {
        put(Buffer.from(block.buffer, block.byteOffset, count * width * block.BYTES_PER_ELEMENT));
        return;
      }
      const lines = [];
      for (let row = 0; row < count; row++) {
        const values = [];
        for (let column = 0; column < width; column++) values.push(decimal(block[row * width + column]));
        lines.push(values.join(','));
      }
      // Members of a gzip file follow each other (RFC 1952), so each block is compressed alone.
      put(gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
    },
    close() {
      closeSync(file);
      renameSync(partial, path);
    },
    discard() {
      closeSync(file);
      rmSync(partial, { force: true });
    },
  };
}
