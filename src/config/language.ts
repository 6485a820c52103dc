/** Forms of the C++ for Vitis HLS. */
export const hlsFormChoices = ['none', 'looped', 'flat'] as const;
export type HlsForm = (typeof hlsFormChoices)[number];

/** How tensors travel in it: all elements at once, or row after row. */
export const hlsInterfaceChoices = ['parallel', 'stream'] as const;
export type HlsInterface = (typeof hlsInterfaceChoices)[number];

/** How the products of a layer are built in it. */
export const hlsStrategyChoices = ['latency', 'resource', 'distributed_arithmetic'] as const;
export type HlsStrategy = (typeof hlsStrategyChoices)[number];

/** How the block of C++ starts and says that it is done: not at all, or by ap_start, ap_ready and ap_done. */
export const hlsControlChoices = ['ap_ctrl_none', 'ap_ctrl_hs'] as const;
export type HlsControl = (typeof hlsControlChoices)[number];

export const languageChoices = ['verilog', 'vhdl', 'both'] as const;
/** What the design is printed as. */
export type HardwareLanguage = (typeof languageChoices)[number];

export const packageChoices = ['none', 'ipbb'] as const;
/** What the VHDL is laid out for; `ipbb` is a component of the IPbus builder. */
export type Packaging = (typeof packageChoices)[number];
