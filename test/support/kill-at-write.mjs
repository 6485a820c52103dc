// Preloaded into a command (`node --import`): kills it, as SIGKILL does, at one of its changes of the file system below
// TRIGC_KILL_BELOW. TRIGC_KILL_AT is the number of the change; a write is torn, anything else does not happen. Without a
// number, the changes are listed in the file TRIGC_KILL_LIST when the command ends.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { TRIGC_KILL_BELOW: below, TRIGC_KILL_AT: at, TRIGC_KILL_LIST: list } = process.env;
const changes = [];
const real = { ...fs, promises: { ...fs.promises } };

function reached(name, path) {
  if (typeof path !== 'string' || !path.startsWith(below)) return false;
  changes.push(`${name} ${path}`);
  return at !== undefined && changes.length - 1 === Number(at);
}

function die() {
  process.kill(process.pid, 'SIGKILL');
}

for (const name of ['renameSync', 'rmSync', 'mkdtempSync']) {
  fs[name] = (path, ...rest) => {
    if (reached(name, path)) die();
    return real[name](path, ...rest);
  };
}
fs.writeFileSync = (path, content, ...rest) => {
  if (reached('writeFileSync', path)) {
    real.writeFileSync(path, content.slice(0, content.length >> 1), ...rest);
    die();
  }
  real.writeFileSync(path, content, ...rest);
};
fs.createWriteStream = (path, ...rest) => {
  if (reached('createWriteStream', path)) {
    real.writeFileSync(path, 'torn');
    die();
  }
  return real.createWriteStream(path, ...rest);
};
for (const name of ['rename', 'writeFile', 'copyFile', 'rm']) {
  fs.promises[name] = (path, ...rest) => {
    if (reached(`promises.${name}`, path)) die();
    return real.promises[name](path, ...rest);
  };
}
syncBuiltinESMExports();

process.on('exit', () => {
  if (list !== undefined) real.writeFileSync(list, JSON.stringify(changes));
});
