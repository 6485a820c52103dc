import { spawn } from 'node:child_process';

/** Runs a program; rejects with the end of its output where it does not succeed. Resolves to what it printed. */
export function run(program, argumentList, { cwd, environment = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argumentList, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => reject(new Error(`${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${argumentList.join(' ')}: ${signal ?? `exit code ${code}`}\n${tail(output)}`));
    });
  });
}

function tail(text) {
  return text.trimEnd().split('\n').slice(-25).join('\n');
}
