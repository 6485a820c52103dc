export const languageChoices = ['verilog', 'vhdl', 'both'] as const;
/** What the design is printed as. */
export type HardwareLanguage = (typeof languageChoices)[number];

export const packageChoices = ['none', 'ipbb'] as const;
/** What the VHDL is laid out for; `ipbb` is a component of the IPbus builder. */
export type Packaging = (typeof packageChoices)[number];
