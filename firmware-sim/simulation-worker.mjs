// A thread that runs rows through an instance of a compiled simulation (see runtime/wasm-harness.h), which is compiled when first needed.
//
// workerData: { bytes, stimulusLimbs, responseLimbs }
// Requests, answered one by one in their order:
//   { kind: 'start', first, warm, count, ...buffers, unknownRows }   a new instance from power-up: `warm` rows before
//       `first` whose responses nobody wants, then `count` rows  ->  { start, end }, its states before and after those
//   { kind: 'continue', first, count, ...buffers }   the same instance goes on with these rows  ->  { end }
// where buffers are the shared stimulus, response (32-bit words) and unknown (bytes) of the whole run. Row numbers
// count from the first row of the run. A run that ends early is answered by { failure }.
import { parentPort, workerData } from 'node:worker_threads';

/* global WebAssembly */
const { bytes, stimulusLimbs, responseLimbs } = workerData;
let module;
/** Bytes of stimulus that are exchanged at a time. */
const BATCH_BYTES = 1 << 20;
const batch = Math.max(16, Math.floor(BATCH_BYTES / (4 * stimulusLimbs)));

class Simulation {
  constructor() {
    module ??= new WebAssembly.Module(bytes);
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.guard(() => this.exports.trigcPrepare());
    const { trigcTake, trigcStateWords } = this.exports;
    this.stateWords = this.guard(trigcStateWords);
    this.places = [4 * batch * stimulusLimbs, 4 * batch * responseLimbs, batch, 4 * this.stateWords].map(
      (bytes) => this.guard(() => trigcTake(bytes)) >>> 0,
    );
    // After the last growth of the memory, which would detach them.
    const [stimulus, response, unknown, state] = this.places;
    const { buffer } = this.exports.memory;
    this.stimulus = new Int32Array(buffer, stimulus, batch * stimulusLimbs);
    this.response = new Int32Array(buffer, response, batch * responseLimbs);
    this.unknown = new Uint8Array(buffer, unknown, batch);
    this.state = new Int32Array(buffer, state, this.stateWords);
  }

  run(request, first, count, unknownRows, wanted) {
    for (let done = 0; done < count; done += batch) {
      const rows = Math.min(batch, count - done);
      const row = first + done;
      this.stimulus.set(request.stimulus.subarray(row * stimulusLimbs, (row + rows) * stimulusLimbs));
      const [stimulus, response, unknown] = this.places;
      const unknownHere = Math.min(rows, Math.max(0, unknownRows - row));
      this.guard(() => this.exports.trigcRun(stimulus, response, unknown, rows, unknownHere));
      if (!wanted) continue;
      request.response.set(this.response.subarray(0, rows * responseLimbs), row * responseLimbs);
      request.unknown.set(this.unknown.subarray(0, rows), row);
    }
  }

  save() {
    this.guard(() => this.exports.trigcSave(this.places[3]));
    return this.state.slice();
  }

  /** Adds the message that the module left behind to the trap that ended it. */
  guard(body) {
    try {
      return body();
    } catch (error) {
      const place = this.exports.trigcFailure();
      const bytes = new Uint8Array(this.exports.memory.buffer);
      const text = place === 0 ? '' : new TextDecoder().decode(bytes.subarray(place, bytes.indexOf(0, place)));
      throw new Error(text === '' ? String(error) : text, { cause: error });
    }
  }
}

let simulation;
parentPort.on('message', (request) => {
  try {
    const { kind, first, count } = request;
    let start;
    if (kind === 'start') {
      simulation = new Simulation();
      simulation.run(request, first - request.warm, request.warm, request.unknownRows, false);
      start = simulation.save();
    }
    simulation.run(request, first, count, request.unknownRows, true);
    parentPort.postMessage({ start, end: simulation.save() });
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});
