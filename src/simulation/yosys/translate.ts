import type { SimulationDesign } from '../engine.js';
import { limbCount } from '../limbs.js';
import { SimulationError } from '../simulation-error.js';
import { elaborate, type Elaboration, type LogicNode, type StateNode } from './elaborate.js';
import { Emitter } from './emitter.js';
import { nextState } from './flip-flops.js';
import type { Netlist, NetlistBit } from './netlist.js';
import { bitsOfWord, CONSTANT_ONE, type Word } from './nets.js';
import { matchPorts } from './ports.js';
import type { Program, Slot } from './program.js';

function refuse(message: string): never {
  throw new SimulationError('yosys', message);
}

/** A vector that is wanted after the logic has settled: an output, an observed signal or a next state. */
interface Goal {
  readonly inputs: readonly number[];
  emit(emitter: Emitter): void;
}

/** Turns a netlist into code. Only what outputs and observed signals depend on is translated. */
export function translate(design: SimulationDesign, netlist: Netlist, observe: readonly string[]): Program {
  const ports = matchPorts(design, netlist, refuse);
  const elaboration = elaborate(netlist, ports.clock, refuse);
  const { nets } = elaboration;
  const addInput = (bits: readonly NetlistBit[]): Slot => {
    const word = nets.addWord(bits.length);
    if (nets.drive(word, bits) !== undefined) refuse(`an input of ${design.top} is also driven inside`);
    return { address: word.base, width: word.width };
  };
  const inputs = ports.inputs.map(addInput);
  const reset = ports.reset === undefined ? undefined : addInput(ports.reset);
  const validIn = ports.validIn === undefined ? undefined : addInput(ports.validIn);

  const goals: Goal[] = [];
  const addGoal = (bits: readonly NetlistBit[], user: string): Slot => {
    const width = bits.length;
    const address = nets.allocate(limbCount(width));
    const resolved = elaboration.resolve(bits, user);
    goals.push({
      inputs: resolved,
      emit: (emitter) => {
        emitter.store(address, width, emitter.operand(resolved, limbCount(width), false));
      },
    });
    return { address, width };
  };
  const outputNames = design.ports.filter((port) => port.direction === 'output').map((port) => port.name);
  const outputs = ports.outputs.map((bits, index) => addGoal(bits, `output ${outputNames[index] ?? ''}`));
  const validOut = ports.validOut === undefined ? undefined : addGoal(ports.validOut, 'the valid output');
  const observed = new Map<string, Slot>();
  for (const name of observe) {
    const signal = netlist.signals.get(name);
    if (signal === undefined) refuse(`there is no signal ${name} to observe`);
    observed.set(name, addGoal(signal.bits, `observed signal ${name}`));
  }

  const emitter = new Emitter(nets);
  const live = emitInOrder(elaboration, goals, emitter);
  setInitialState(elaboration, live, initialStates(netlist));
  return {
    memorySize: nets.memorySize,
    bodies: emitter.bodies(),
    inputs,
    outputs,
    observed,
    ...(reset === undefined ? {} : { reset }),
    ...(validIn === undefined ? {} : { validIn }),
    ...(validOut === undefined ? {} : { validOut }),
    state: { current: 0, next: elaboration.stateLimbs, limbs: elaboration.stateLimbs },
    preset: nets.preset,
    unknownState: nets.unknownState,
    unknownSources: nets.unknownSources,
    warnings: elaboration.warnings,
  };
}

/**
 * Emits goals and all they depend on, every word before its users, each as late as possible (depth first), so that
 * values tend to be used in the chunk that computes them. A flip-flop that is read becomes a goal itself. Returns the
 * flip-flops that were reached.
 */
function emitInOrder(elaboration: Elaboration, goals: Goal[], emitter: Emitter): readonly StateNode[] {
  const { nets } = elaboration;
  const reached: StateNode[] = [];
  const seenState = new Set<number>();
  const done = new Set<number>();
  const open = new Set<number>();
  const reach = (word: Word): void => {
    const node = elaboration.stateOf.get(word.index);
    if (node === undefined || seenState.has(word.index)) return;
    seenState.add(word.index);
    reached.push(node);
    const flipFlop = node.connect();
    goals.push({
      inputs: [
        ...flipFlop.data,
        ...flipFlop.state,
        ...(flipFlop.enable === undefined ? [] : [flipFlop.enable.net]),
        ...(flipFlop.reset === undefined ? [] : [flipFlop.reset.net, ...flipFlop.reset.value]),
      ],
      emit: (target) => {
        const { base, width, limbs } = node.state;
        target.store(elaboration.stateLimbs + base, width, nextState(flipFlop, limbs, target));
      },
    });
  };
  const wordsBehind = (inputs: readonly number[]): readonly Word[] => {
    const words = new Set<Word>();
    for (const net of inputs) {
      const word = net > CONSTANT_ONE ? nets.locate(net)?.word : undefined;
      if (word !== undefined) words.add(word);
    }
    return [...words];
  };
  const visit = (start: readonly Word[]): void => {
    // An explicit stack: chains of adders are deeper than the call stack.
    interface Frame {
      readonly word: Word;
      readonly node: LogicNode;
      readonly pending: Word[];
    }
    const stack: Frame[] = [];
    const enter = (word: Word): void => {
      if (done.has(word.index)) return;
      const node = elaboration.logicOf(word);
      if (node === undefined) {
        done.add(word.index);
        reach(word);
        return;
      }
      if (open.has(word.index)) {
        const from = stack.findIndex((frame) => frame.word === word);
        const labels = stack.slice(from, from + 6).map((frame) => frame.node.label);
        refuse(`combinational loop through ${labels.join(', ')}${stack.length - from > 6 ? ', …' : ''}`);
      }
      open.add(word.index);
      stack.push({ word, node, pending: [...wordsBehind(node.inputs)].reverse() });
    };
    for (const word of start) {
      enter(word);
      for (let frame = stack[stack.length - 1]; frame !== undefined; frame = stack[stack.length - 1]) {
        const next = frame.pending.pop();
        if (next !== undefined) {
          enter(next);
          continue;
        }
        stack.pop();
        open.delete(frame.word.index);
        done.add(frame.word.index);
        frame.node.emit(emitter);
        emitter.endNode();
      }
    }
  };
  // `goals` grows while flip-flops are found.
  for (const goal of goals) {
    visit(wordsBehind(goal.inputs));
    goal.emit(emitter);
    emitter.endNode();
  }
  return reached;
}

/** The initial value of each net that has one in the text. */
function initialStates(netlist: Netlist): ReadonlyMap<number, '0' | '1'> {
  const initial = new Map<number, '0' | '1'>();
  for (const signal of netlist.signals.values()) {
    if (signal.initial === undefined) continue;
    for (const [offset, bit] of signal.bits.entries()) {
      const digit = signal.initial[signal.initial.length - 1 - offset];
      if (typeof bit === 'number' && (digit === '0' || digit === '1')) initial.set(bit, digit);
    }
  }
  return initial;
}

/** Flip-flops power up unknown, except for bits with an initial value. */
function setInitialState(
  { nets }: Elaboration,
  live: readonly StateNode[],
  initial: ReadonlyMap<number, '0' | '1'>,
): void {
  for (const { state, outputNets } of live) {
    const limbs = bitsOfWord(state).map(({ address, mask }) => ({ address, mask, value: 0 }));
    for (const [offset, net] of outputNets.entries()) {
      const digit = typeof net === 'number' ? initial.get(net) : undefined;
      const limb = limbs[offset >> 5];
      if (digit === undefined || limb === undefined) continue;
      limb.mask &= ~(1 << (offset & 31));
      if (digit === '1') limb.value |= 1 << (offset & 31);
    }
    for (const { address, mask, value } of limbs) {
      if (mask !== 0) nets.unknownState.push({ address, mask });
      if (value !== 0) nets.preset.push({ address, value });
    }
  }
}
