import { Random } from '../support/random.js';
import type { SimulationDesign } from './engine.js';
import { DEFAULT_RESET_CYCLES } from './engine.js';
import type { PackedLayout, PackedStimulus } from './packed.js';
import { RESET_BIT, VALID_BIT } from './packed.js';
import { limbMask } from './yosys/nets.js';

/**
 * What is done to a design, in this order. `back-to-back`: every vector, one in each interval. `order`: some of them
 * again in another order (designs without valid). `pulse`: one valid vector between idle clocks. `gaps`: vectors between
 * idle clocks that carry other data. `early`: valid vectors between others, before the interval is over, which must
 * change nothing (designs with an interval). `reset`: resets while valid vectors are in flight, and vectors right after.
 */
export const phaseNames = ['back-to-back', 'order', 'pulse', 'gaps', 'early', 'reset'] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface PlannedPhase {
  readonly name: PhaseName;
  /** Rows from `first` up to, not including, `end`: the idle rows that empty the pipeline belong to it. */
  readonly first: number;
  readonly end: number;
  readonly firstEvent: number;
  readonly endEvent: number;
}

/** One stimulus for a prepared simulation, with all that the judge of its response must know. */
export interface ProtocolPlan {
  readonly stimulus: Required<PackedStimulus>;
  readonly phases: readonly PlannedPhase[];
  /** For each event that is sent, its row and the vector that it carries. */
  readonly rowOf: Int32Array;
  readonly vectorOf: Int32Array;
}

/** Clocks watched beyond the claimed latency, to tell a wrong latency from wrong values. */
export const MARGIN = 8;
/** Vectors that are sent once more in the phases after the first. */
const REPEATED_VECTORS = 1000;
const SEED = 0x70726f74;
/** Clocks of the resets in flight: one clears all, more must not do more. */
const RESETS = [1, 3] as const;

const IDLE = -1;

/** The vector, the clock of it, and the control bits of each row. */
interface Rows {
  readonly vectors: number[];
  readonly clocks: number[];
  readonly controls: number[];
}

/** In clocks. */
export interface ProtocolTiming {
  /** As claimed; the pauses between phases are longer. */
  readonly latency: number;
  /** From one vector to the next. */
  readonly interval: number;
  /** In which a vector stands on the ports; 1 where absent. */
  readonly clocks?: number;
}

/**
 * The stimulus for `vectors`: packed rows with the control limb zero, as many for each vector as it takes clocks. What a design
 * has no ports for is left out.
 */
export function planProtocol(
  design: SimulationDesign,
  layout: PackedLayout,
  vectors: Int32Array,
  { latency, interval, clocks = 1 }: ProtocolTiming,
): ProtocolPlan {
  const width = layout.stimulusLimbs;
  const count = vectors.length / (width * clocks);
  const random = new Random(SEED);
  const plan: Rows = { vectors: [], clocks: [], controls: [] };
  const phases: PlannedPhase[] = [];
  const rowOf: number[] = [];
  const vectorOf: number[] = [];
  const add = (vector: number, control: number, clock = 0): void => {
    plan.vectors.push(vector);
    plan.clocks.push(clock);
    plan.controls.push(control);
  };
  const send = (vector: number, control = VALID_BIT): void => {
    rowOf.push(plan.vectors.length);
    vectorOf.push(vector);
    add(vector, control);
  };
  /** The parts of a vector behind the first. */
  const rest = (vector: number): void => {
    for (let clock = 1; clock < clocks; clock++) add(vector, 0, clock);
  };
  /** A vector, and the rest of its interval. */
  const whole = (vector: number): void => {
    send(vector);
    rest(vector);
    idle(interval - clocks);
  };
  const idle = (clocks: number, control = 0): void => {
    for (let clock = 0; clock < clocks; clock++) add(IDLE, control);
  };
  const phase = (name: PhaseName, body: () => void): void => {
    const [first, firstEvent] = [plan.vectors.length, rowOf.length];
    body();
    // The next phase begins behind the last answer, and behind the interval of the last event.
    idle(Math.max(latency + MARGIN, interval));
    phases.push({ name, first, end: plan.vectors.length, firstEvent, endEvent: rowOf.length });
  };
  const repeated = Math.min(count, REPEATED_VECTORS);
  const anyVector = (): number => random.integer(0, count - 1);

  const unknownRows = design.reset === undefined ? 0 : DEFAULT_RESET_CYCLES;
  idle(unknownRows, RESET_BIT);
  phase('back-to-back', () => {
    for (let vector = 0; vector < count; vector++) whole(vector);
  });
  if (design.validIn === undefined) {
    phase('order', () => {
      for (let index = 0; index < repeated; index++) send(anyVector());
    });
  } else {
    phase('pulse', () => {
      const vector = anyVector();
      send(vector);
      rest(vector);
    });
    phase('gaps', () => {
      for (let index = 0; index < repeated; index++) {
        whole(anyVector());
        const choice = random.integer(0, 3);
        if (choice > 1) idle(choice === 2 ? 1 : random.integer(1, 4));
      }
    });
    if (interval > 1) {
      phase('early', () => {
        for (let index = 0; index < repeated; index++) {
          const vector = anyVector();
          send(vector);
          const early = random.integer(1, interval - 1);
          for (let clock = 1; clock < interval; clock++) {
            const control = clock === early ? VALID_BIT : 0;
            if (clock < clocks) add(vector, control, clock);
            else add(clock === early ? anyVector() : IDLE, control);
          }
        }
      });
    }
    // Without registers nothing is in flight.
    if (design.reset !== undefined && latency > 0) {
      const inFlight = Math.ceil(latency / interval) + 3;
      phase('reset', () => {
        for (const clocks of RESETS) {
          for (let index = 0; index < inFlight; index++) whole(anyVector());
          for (let clock = 0; clock < clocks; clock++) send(anyVector(), VALID_BIT | RESET_BIT);
        }
        for (let index = 0; index < inFlight; index++) whole(anyVector());
      });
    }
  }

  return {
    stimulus: { rows: fillRows(plan, vectors, layout, clocks, random), unknownRows },
    phases,
    rowOf: Int32Array.from(rowOf),
    vectorOf: Int32Array.from(vectorOf),
  };
}

/** Ports carry random data while they have none, so that a value taken from there is seen. */
function fillRows(plan: Rows, vectors: Int32Array, layout: PackedLayout, clocks: number, random: Random): Int32Array {
  const width = layout.stimulusLimbs;
  const rows = new Int32Array(plan.vectors.length * width);
  plan.vectors.forEach((vector, index) => {
    const start = index * width;
    const clock = plan.clocks[index] ?? 0;
    const source = (vector * clocks + clock) * width;
    for (const { port, limb, limbs } of layout.inputs) {
      const idle = vector === IDLE || clock >= (port.clocks ?? 1);
      for (let part = limb; part < limb + limbs; part++) {
        rows[start + part] = idle ? random.next() & limbMask(port.width, part - limb) : (vectors[source + part] ?? 0);
      }
    }
    rows[start] = plan.controls[index] ?? 0;
  });
  return rows;
}
