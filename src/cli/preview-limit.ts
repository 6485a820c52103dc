/** Models of more scalar operations are not compiled for a preview of their cost: it takes longer than a look is worth. */
export const PREVIEW_OPERATIONS = 5_000;
