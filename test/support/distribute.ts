import { shiftedAdditions } from '../../src/cli/write-hls.js';

/** Shifted additions for layers of distributed arithmetic, found with the least effort. */
export const distribute = shiftedAdditions({
  effort: 'fast',
  seed: 1,
  depthSlack: 1,
  mostDepthSlack: 1,
  threeOperandAdders: false,
});
