import { spawn } from 'node:child_process';

/**
 * Runs a program; rejects with the end of everything it wrote where it does not succeed. Resolves to its standard output
 * alone: warnings must not get into a file that is made of it.
 */
export function run(program, argumentList, { cwd, environment = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argumentList, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let everything = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      everything += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => (everything += chunk));
    child.on('error', (error) => reject(new Error(`${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`${program} ${argumentList.join(' ')}: ${signal ?? `exit code ${code}`}\n${tail(everything)}`),
        );
    });
  });
}

function tail(text) {
  return text.trimEnd().split('\n').slice(-25).join('\n');
}
