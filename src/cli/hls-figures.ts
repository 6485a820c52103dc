import type { EstimateTarget, LoopedEstimate } from '../backends/vitis-hls/looped/estimate.js';
import { estimateLooped } from '../backends/vitis-hls/looped/estimate.js';
import type { LoopedForm } from '../backends/vitis-hls/looped/emit.js';
import type { Figures, MeasuredFigures } from '../report/figure-file.js';
import type { Figure } from '../report/figure.js';
import { version } from '../version.js';

const estimate = (value: number, unit: string): Figure => ({ value, unit, origin: 'estimate' });

/**
 * What the looped C++ is estimated to come to, for budgets. The names say that it is the C++ and not the Verilog beside
 * it; `trigc import-reports --csynth` brings what the vendor's tool says.
 */
export function hlsEstimate(form: LoopedForm, target: EstimateTarget): MeasuredFigures {
  const result = estimateLooped(form, target);
  return {
    command: 'trigc compile MODEL -o DIR --hls looped',
    tool: { name: 'Trigc', version, flow: 'estimate of looped C++, not seen by an HLS tool' },
    figures: {
      ...figuresOf(result),
      hls_latency_ns: estimate(Number((result.latency * target.clockPeriod).toFixed(3)), 'ns'),
    },
    layers: byLayer(result).map(({ layer, figures }) => ({ layer, figures })),
  };
}

function figuresOf({
  latency,
  interval,
  multipliers,
  dsp,
}: Pick<LoopedEstimate, 'latency' | 'interval' | 'multipliers' | 'dsp'>): Figures {
  return {
    hls_latency: estimate(latency, 'clocks'),
    hls_ii: estimate(interval, 'clocks'),
    hls_multipliers: estimate(multipliers, 'multipliers'),
    hls_dsp: estimate(dsp, 'DSP'),
  };
}

/** A node that multiplies twice counts once, with the slower of its products. */
function byLayer({ layers }: LoopedEstimate): readonly { readonly layer: string; readonly figures: Figures }[] {
  const merged = new Map<string, LoopedEstimate['layers'][number]>();
  for (const layer of layers) {
    const known = merged.get(layer.layer);
    merged.set(layer.layer, {
      layer: layer.layer,
      multipliers: layer.multipliers + (known?.multipliers ?? 0),
      dsp: layer.dsp + (known?.dsp ?? 0),
      interval: Math.max(layer.interval, known?.interval ?? 0),
      latency: Math.max(layer.latency, known?.latency ?? 0),
    });
  }
  return [...merged.values()].map((layer) => ({ layer: layer.layer, figures: figuresOf(layer) }));
}
