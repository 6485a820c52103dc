import type { ValueReference } from '../../dataflow/program.js';
import type { RtlModule } from '../../rtl/module.js';
import type { RtlPortMap } from './port-layout.js';

/** A signal inside the hierarchy that holds a result of an instance. */
export interface ObservedSignal {
  readonly reference: ValueReference;
  /** `u_layer.gemm_12`: hierarchical below the top module. */
  readonly path: string;
  readonly width: number;
  readonly signed: boolean;
  /** Cycles after its input in which the value stands there. */
  readonly cycle: number;
}

export interface DesignModules {
  /** The top module first. */
  readonly modules: readonly RtlModule[];
  readonly inputs: readonly RtlPortMap[];
  readonly outputs: readonly RtlPortMap[];
  readonly observed: readonly ObservedSignal[];
  /** Foreign names of ports and kernels, and the identifiers that stand for them. */
  readonly names: readonly (readonly [original: string, identifier: string])[];
}
