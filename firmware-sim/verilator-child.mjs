// Runs Verilator (WebAssembly) once, in a process of its own: one instance serves one call, its memory goes back to the
// system, a crash cannot take the compiler down, and the parent can enforce a timeout.
//
// Standard input:  JSON { folder: string, arguments: string[], files: { name, text }[], output: string }
// Standard output: JSON { ok: boolean, log: string, files?: { name, text }[] }
//
// `folder` holds the artefact; `output` is the folder that Verilator writes, below the one that it runs in.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Its passes recurse over expressions: WebAssembly's frames lie on the stack of the thread. */
const STACK_MEGABYTES = 192;

if (isMainThread) await supervise();
else await translate(workerData);

async function supervise() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const request = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  // The thread below is busy until it is done: this one notices that the parent was killed.
  const { ppid } = process;
  const watch = setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGKILL'), 500);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: request,
    resourceLimits: { stackSizeMb: STACK_MEGABYTES },
  });
  const answer = await new Promise((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ ok: false, log: `Verilator crashed: ${String(error)}` }));
  });
  clearInterval(watch);
  process.stdout.write(JSON.stringify(answer));
}

async function translate({ folder, arguments: argumentList, files, output }) {
  const createModule = createRequire(import.meta.url)(join(folder, 'verilator.cjs'));
  const lines = [];
  const log = (line) => lines.push(line);
  let exitCode;
  let result;
  try {
    const module = await createModule({
      wasmBinary: readFileSync(join(folder, 'verilator.wasm')),
      noExitRuntime: false,
      print: log,
      printErr: log,
      quit: (code) => {
        exitCode ??= code;
        throw new Error('exit');
      },
    });
    const { FS } = module;
    FS.mkdirTree('/verilator/include');
    FS.writeFile('/verilator/include/verilated_std.sv', readFileSync(join(folder, 'verilated_std.sv')));
    FS.mkdirTree(`/design/${output}`);
    FS.chdir('/design');
    for (const { name, text } of files) FS.writeFile(name, text);
    try {
      exitCode = module.callMain([...argumentList]) ?? exitCode ?? 0;
    } catch (error) {
      // Leaving through exit() unwinds as an exception; anything else is a crash.
      if (exitCode === undefined && error?.name !== 'ExitStatus') throw error;
      exitCode ??= error.status;
    }
    const written = FS.readdir(output)
      .filter((name) => !name.startsWith('.'))
      .sort();
    const texts = written.map((name) => ({ name, text: FS.readFile(`${output}/${name}`, { encoding: 'utf8' }) }));
    result = { ok: exitCode === 0, log: lines.join('\n'), ...(exitCode === 0 ? { files: texts } : {}) };
  } catch (error) {
    result = { ok: false, log: `${lines.join('\n')}\nVerilator crashed: ${String(error)}` };
  }
  parentPort.postMessage(result);
}
