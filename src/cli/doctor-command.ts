import { SIMULATION_ENGINES } from '../simulation/choose-engine.js';
import { version } from '../version.js';
import type { Console } from './console.js';
import { exitCode } from './console.js';

/** `trigc doctor`: what this machine has of what Trigc can use. Fails only where the default engine is missing. */
export async function doctorCommand(json: boolean, console: Console): Promise<number> {
  const engines = await Promise.all(
    Object.values(SIMULATION_ENGINES).map(async (engine) => {
      const reason = await engine.unavailable();
      return reason === undefined
        ? { name: engine.name, usable: true, detail: await engine.version() }
        : { name: engine.name, usable: false, detail: reason };
    }),
  );
  const usable = engines.filter((engine) => engine.usable);
  if (json) {
    console.result(
      JSON.stringify({ schema: 'trigc-doctor', version: 1, trigc: version, node: process.version, engines }, null, 2),
    );
  } else {
    console.result(
      [
        `trigc     ${version}`,
        `node      ${process.version} (${process.platform} ${process.arch})`,
        ...engines.map(({ name, usable: ok, detail }) => `${name.padEnd(9)} ${ok ? detail : `not usable: ${detail}`}`),
      ].join('\n'),
    );
  }
  return usable.length > 0 ? exitCode.ok : exitCode.toolMissing;
}
