// Runs Yosys (WebAssembly) once, in a process of its own: its memory goes back to the system, a crash cannot take the
// compiler down, and the parent can enforce a timeout.
//
// Standard input:  JSON { arguments: string[], files: { [name]: text }, output: string }
// Standard output: JSON { ok: boolean, log: string, output?: string }
import { runYosys, Exit } from '@yowasp/yosys';

const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const request = JSON.parse(Buffer.concat(pieces).toString('utf8'));

const decoder = new TextDecoder();
let log = '';
const capture = (bytes) => {
  if (bytes !== null) log += decoder.decode(bytes, { stream: true });
};

let answer;
try {
  const tree = await runYosys(request.arguments, request.files, { stdin: null, stdout: capture, stderr: capture });
  const output = tree[request.output];
  answer = { ok: output !== undefined, log, output: output instanceof Uint8Array ? decoder.decode(output) : output };
} catch (error) {
  // A non-zero exit is Yosys refusing the design: the log has its reason. Anything else is a crash.
  answer = { ok: false, log: error instanceof Exit ? log : `${log}\nYosys crashed: ${String(error)}` };
}
process.stdout.write(JSON.stringify(answer));
