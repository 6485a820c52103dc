// Compiles C++ to one WebAssembly module with Clang and LLD (themselves WebAssembly), in a process of its own: its
// memory goes back to the system, a crash cannot take the compiler down, and the parent can enforce a timeout. Start
// it with --liftoff-only: optimising 75 MB of Clang for one run costs more than it saves.
//
// Standard input:  JSON { arguments: string[], units: { name, text }[], files: { [folder]: { [name]: text } },
//                         link: string[] }
//                  `arguments` are those of `clang++ -cc1`, without input and output, the same for every unit
// Standard output: JSON { ok: boolean, log: string, module?: base64 }
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Exit, runLLVM } from '@yowasp/clang';

const decoder = new TextDecoder();

async function tool(words, files) {
  let log = '';
  const capture = (bytes) => {
    if (bytes !== null) log += decoder.decode(bytes, { stream: true });
  };
  const quiet = () => undefined;
  try {
    const tree = await runLLVM(words, files, { stdin: null, stdout: capture, stderr: capture, fetchProgress: quiet });
    return { ok: true, log, tree };
  } catch (error) {
    // A non-zero exit is the tool refusing its input: the log has its reason. Anything else is a crash.
    return { ok: false, log: error instanceof Exit ? log : `${log}\n${words[0]} crashed: ${String(error)}` };
  }
}

async function compile({ unit, files, words }) {
  const input = `${unit.name}.cpp`;
  const output = `${unit.name}.o`;
  const answer = await tool(['clang++', ...words, '-o', output, '-x', 'c++', input], { ...files, [input]: unit.text });
  const object = answer.tree?.[output];
  return { ok: answer.ok && object instanceof Uint8Array, log: answer.log, object };
}

function compileInThread(request) {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: request });
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ ok: false, log: `the compiler's thread failed: ${String(error)}` }));
    worker.once('exit', () => resolve({ ok: false, log: "the compiler's thread ended early" }));
  });
}

async function main() {
  // Clang blocks this thread: somebody else has to notice that the parent was killed, and that nobody wants the answer.
  const watch = `const { ppid } = process;
setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGKILL'), 500);`;
  new Worker(watch, { eval: true }).unref();

  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const { arguments: words, units, files, link } = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  const requests = units.map((unit) => ({ unit, files, words }));
  const inThreads = requests.slice(1).map(compileInThread);
  const results = [await compile(requests[0]), ...(await Promise.all(inThreads))];
  const log = results.map((result) => result.log).join('');
  if (results.some((result) => !result.ok)) return { ok: false, log };
  const objects = Object.fromEntries(results.map((result, index) => [`${units[index].name}.o`, result.object]));
  const linked = await tool(['wasm-ld', ...link, '-o', 'module.wasm', ...Object.keys(objects)], objects);
  const module = linked.tree?.['module.wasm'];
  if (!linked.ok || !(module instanceof Uint8Array)) return { ok: false, log: log + linked.log };
  return { ok: true, log: log + linked.log, module: Buffer.from(module).toString('base64') };
}

if (isMainThread) process.stdout.write(JSON.stringify(await main()));
else parentPort.postMessage(await compile(workerData));
