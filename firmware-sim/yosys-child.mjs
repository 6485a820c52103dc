// Runs Yosys (WebAssembly) once, in a process of its own: its memory goes back to the system, a crash cannot take the
// compiler down, and the parent can enforce a timeout.
//
// Standard input:  JSON { arguments: string[], files: { [name]: text }, output: string, progress?: boolean }
// Standard output: JSON { ok: boolean, log: string, output?: string }
//
// `output` is a file that Yosys writes, or `-` for its standard output. The latter is for what is large: the file
// system of the WebAssembly build copies a file at every write to it, which took 209 of 236 s for a netlist of 50 MB.
//
// With `progress`, the log also goes to standard error as it comes.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { runYosys, Exit } from '@yowasp/yosys';

// Yosys blocks this thread: somebody else has to notice that the parent was killed, and that nobody wants the answer.
const watch = `const { ppid } = process;
setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGKILL'), 500);`;
new Worker(watch, { eval: true }).unref();

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const request = JSON.parse(Buffer.concat(pieces).toString('utf8'));

const decoder = new TextDecoder();
let log = '';
const captureLog = (bytes) => {
  if (bytes === null) return;
  log += decoder.decode(bytes, { stream: true });
  if (request.progress === true) writeSync(2, bytes);
};
const printed = [];
const captureOutput = (bytes) => {
  if (bytes !== null) printed.push(Buffer.from(bytes));
};
const toStandardOutput = request.output === '-';
const streams = { stdin: null, stdout: toStandardOutput ? captureOutput : captureLog, stderr: captureLog };

let answer;
try {
  const tree = await runYosys(request.arguments, request.files, streams);
  const output = toStandardOutput ? Buffer.concat(printed) : tree[request.output];
  answer = { ok: output !== undefined, log, output: output instanceof Uint8Array ? decoder.decode(output) : output };
} catch (error) {
  // A non-zero exit is Yosys refusing the design: the log has its reason. Anything else is a crash.
  answer = { ok: false, log: error instanceof Exit ? log : `${log}\nYosys crashed: ${String(error)}` };
}
process.stdout.write(JSON.stringify(answer));
