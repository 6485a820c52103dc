import type * as RuntimeModule from 'onnxruntime-web';
import { installedPackageVersion } from '../../system/installed-package.js';
import { OnnxRuntimeError } from './error.js';

/**
 * The build of ONNX Runtime as WebAssembly: no native library, nothing fetched when it is installed. Twice as large as
 * everything else together, hence an optional peer: `npm ci` in a clone has it, an installed Trigc on demand.
 */
export const RUNTIME_PACKAGE = 'onnxruntime-web';
/** The version that the tests ran with, as in package.json. */
export const RUNTIME_VERSION = '1.30.0';

export type Runtime = typeof RuntimeModule;

/** The version of the package; undefined where it was not installed with the others. */
export function runtimeVersion(): string | undefined {
  return installedPackageVersion(RUNTIME_PACKAGE);
}

let loaded: Promise<Runtime> | undefined;

/** Load the package, once. Throws OnnxRuntimeError ('missing'). `version` is there for tests. */
export async function loadRuntime(version: () => string | undefined = runtimeVersion): Promise<Runtime> {
  if (version() === undefined) {
    throw new OnnxRuntimeError(
      'missing',
      `the npm package ${RUNTIME_PACKAGE} is not installed (npm install ${RUNTIME_PACKAGE}@${RUNTIME_VERSION})`,
    );
  }
  loaded ??= import('onnxruntime-web').then((runtime) => {
    // One thread: sums in one order on every machine, and no workers that outlive the work.
    runtime.env.wasm.numThreads = 1;
    // What it would say on standard error is in the errors that it throws.
    runtime.env.logLevel = 'fatal';
    return runtime;
  });
  return loaded;
}
