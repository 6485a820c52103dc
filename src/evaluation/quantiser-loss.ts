/** What a change of a model does to its score, against the float model, on the same events. */
export interface Damage {
  /** Root mean square of the change of the score. */
  readonly rms: number;
  /** AUC lost, the largest of all signals or the macro average of classes; absent where there is none. */
  readonly aucLoss?: number;
  /** Relative efficiency lost at the operating point, the largest of all signals; absent where there is none. */
  readonly efficiencyLoss?: number;
}

export const quantiserRoles = ['input', 'weight', 'bias', 'constant', 'result', 'table'] as const;
/** What is rounded: a port, a constant factor or summand, another constant, a computed tensor, a tabulated function. */
export type QuantiserRole = (typeof quantiserRoles)[number];

/** One place where the fixed-point model rounds, or saturates, and the float model does not. */
export interface QuantiserLoss {
  /** Printable and unique: the ONNX node with its role, or the input. */
  readonly name: string;
  /** ONNX node and its operator; the name of the port, and '', for an input. */
  readonly node: string;
  readonly operator: string;
  readonly role: QuantiserRole;
  /** Such as `ap_fixed<12,4>`; several where elements differ. */
  readonly types: readonly string[];
  /** The float model with this quantiser and no other. */
  readonly alone: Damage;
  /** The fixed model without this quantiser: what is left of its damage. */
  readonly without: Damage;
  /**
   * Events for which this is the first place, in the order of the graph, whose result would be another one with the
   * float model's operands.
   */
  readonly firstDivergence: number;
}

/** The loss of the fixed model by the places that cause it. Their damages do not add up: errors cancel and mask. */
export interface LossByLayer {
  /** Events of each sample that were looked at. */
  readonly events: number;
  /** The operating point of `efficiencyLoss`, such as `1e-2`; absent without a background. */
  readonly point?: string;
  /** Of the fixed model as a whole. */
  readonly total: Damage;
  /** In the order of the graph. */
  readonly quantisers: readonly QuantiserLoss[];
}
