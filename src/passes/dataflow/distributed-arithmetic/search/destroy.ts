import { randomShared, sharedNear } from './choose-value.js';
import type { Editor } from './editor.js';
import type { Network } from './network.js';
import type { Uniform } from './options.js';

/** Values dissolved in one step, at most. */
const DISSOLVED = 3;

/** Dissolve a few values that lie near each other. */
export function destroy(network: Network, editor: Editor, uniform: Uniform): void {
  const many = 1 + Math.floor(uniform() * DISSOLVED);
  let value = randomShared(network, uniform);
  for (let index = 0; index < many && value >= 0; index++) {
    const users = network.users[value] ?? [];
    const near = users[Math.floor(uniform() * users.length)] ?? value;
    editor.dissolve(value);
    if (editor.hasFailed()) return;
    value = sharedNear(network, uniform, near);
  }
}
