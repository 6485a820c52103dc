import { scheduleCodes } from '../../diagnostics/codes/schedule.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../diagnostics/result.js';
import type { DeclaredReuse, Form } from '../../design/sequencing.js';
import { forms } from '../../design/sequencing.js';
import type { Instance } from '../../dataflow/program.js';
import { didYouMean } from '../../support/suggest.js';
import type { Choice, FormCosts } from './choose-form.js';
import { declaredChoice, legalFactors, possibleForms } from './declared-form.js';

/** Why nothing of a layer could take a form. */
const reasons: Readonly<Record<Form, string>> = {
  parallel: 'there is none of it',
  shared: 'nothing of it is there more than once',
  serial: 'nothing of it is a sum of values that vary',
  folded:
    'nothing of it is a matrix of several results whose products fit a multiplier block, with at least 2 clocks for each position',
};

/** What is known of a declared layer once its parts were seen. */
interface Layer {
  followed: boolean;
  readonly forms: Set<Form>;
  readonly factors: Set<number>;
}

/**
 * Declarations by layer, and which of them some part of the layer could follow. The parts that cannot choose for
 * themselves: the rounding behind a matrix has no digits to walk over.
 */
export class DeclaredLayers {
  private readonly layers = new Map<string, Layer>();
  private readonly names = new Set<string>();

  public constructor(
    private readonly declared: ReadonlyMap<string, DeclaredReuse>,
    private readonly interval: number,
  ) {}

  /** The choice that is declared for a part; undefined where it is free. */
  public choice({ origin }: Instance, costs: FormCosts): Choice | undefined {
    this.names.add(origin.name);
    const declared = this.declared.get(origin.name);
    if (declared === undefined) return undefined;
    let layer = this.layers.get(origin.name);
    if (layer === undefined) {
      layer = { followed: false, forms: new Set(), factors: new Set() };
      this.layers.set(origin.name, layer);
    }
    const choice = declaredChoice(costs, this.interval, declared);
    if (choice !== undefined) {
      layer.followed = true;
      return choice;
    }
    for (const form of possibleForms(costs, this.interval)) layer.forms.add(form);
    for (const factor of legalFactors(costs, this.interval, declared.form)) layer.factors.add(factor);
    return undefined;
  }

  /** Every declaration that nothing could follow; to be called when all parts were seen. */
  public check(bag: DiagnosticBag): void {
    for (const [name, { form, factor }] of this.declared) {
      const layer = this.layers.get(name);
      const shown = printable(name);
      const configPath = `layers.${shown}.${factor === undefined ? 'form' : 'reuse_factor'}`;
      if (layer === undefined) {
        const known = [...this.names].filter((other) => other !== '').map(printable);
        const message = `no hardware of the design belongs to a layer '${shown}'`;
        bag.add(scheduleCodes.reuseUnknownLayer, message, { configPath }, didYouMean(shown, known));
      } else if (!layer.followed) {
        if (form !== undefined && layer.factors.size === 0) this.refuseForm(shown, form, layer, bag);
        else this.refuseFactor(shown, { form, factor }, layer, configPath, bag);
      }
    }
  }

  private refuseForm(shown: string, form: Form, layer: Layer, bag: DiagnosticBag): void {
    // Results of one function stand side by side only where `folded` is asked for: that says nothing of `shared`.
    const hidden = (other: Form): boolean => other === form || (form === 'folded' && other === 'shared');
    const legal = forms.filter((other) => !hidden(other) && layer.forms.has(other));
    const reason = reasons[form];
    bag.add(
      scheduleCodes.reuseForm,
      `'${shown}' cannot be ${form}: ${reason}`,
      { configPath: `layers.${shown}.form` },
      `it can be ${legal.join(' or ')}`,
    );
  }

  private refuseFactor(
    shown: string,
    { form, factor = 1 }: { readonly form: Form | undefined; readonly factor: number | undefined },
    layer: Layer,
    configPath: string,
    bag: DiagnosticBag,
  ): void {
    const kind = form === undefined ? '' : ` in the form ${form}`;
    const beyond = factor > this.interval ? `, beyond the ${this.interval} clocks between events` : '';
    bag.add(
      scheduleCodes.reuseFactor,
      `nothing of '${shown}'${kind} is at work ${factor} clocks of each event${beyond}`,
      { configPath },
      `the nearest legal values are ${nearest(factor, [...layer.factors]).join(' or ')}`,
    );
  }
}

/** The closest below and the closest above. */
function nearest(value: number, legal: readonly number[]): readonly number[] {
  const below = legal.filter((other) => other < value);
  const above = legal.filter((other) => other > value);
  return [...(below.length > 0 ? [Math.max(...below)] : []), ...(above.length > 0 ? [Math.min(...above)] : [])];
}
