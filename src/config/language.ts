/** Forms of the C++ for Vitis HLS. */
export const hlsFormChoices = ['none', 'looped', 'flat'] as const;
export type HlsForm = (typeof hlsFormChoices)[number];

/** How tensors travel in it: all elements at once, or row after row. */
export const hlsInterfaceChoices = ['parallel', 'stream'] as const;
export type HlsInterface = (typeof hlsInterfaceChoices)[number];

/** How the products of a layer are built in it. */
export const hlsStrategyChoices = ['latency', 'resource'] as const;
export type HlsStrategy = (typeof hlsStrategyChoices)[number];

export const languageChoices = ['verilog', 'vhdl', 'both'] as const;
/** What the design is printed as. */
export type HardwareLanguage = (typeof languageChoices)[number];

export const packageChoices = ['none', 'ipbb'] as const;
/** What the VHDL is laid out for; `ipbb` is a component of the IPbus builder. */
export type Packaging = (typeof packageChoices)[number];
