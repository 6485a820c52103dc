// Preloaded into a command (`node --import`): kills it, as SIGKILL does, at one of its changes of the file system below
// TRIGC_KILL_BELOW. TRIGC_KILL_AT is the number of the change; a write is torn, anything else does not happen. Without a
// number, the changes are listed in the file TRIGC_KILL_LIST when the command ends.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';

const { TRIGC_KILL_BELOW: below, TRIGC_KILL_AT: at, TRIGC_KILL_LIST: list } = process.env;
const changes = [];
const real = { ...fs, promises: { ...fs.promises } };

function reached(name, path) {
  if (typeof path !== 'string' || !resolve(path).startsWith(below)) return false;
  changes.push(`${name} ${resolve(path)}`);
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
for (const name of ['writeFileSync', 'appendFileSync']) {
  fs[name] = (path, content, ...rest) => {
    if (reached(name, path)) {
      real[name](path, content.slice(0, content.length >> 1), ...rest);
      die();
    }
    real[name](path, content, ...rest);
  };
}
// What appears is the second path.
fs.copyFileSync = (from, path, ...rest) => {
  if (reached('copyFileSync', path)) {
    const content = real.readFileSync(from);
    real.writeFileSync(path, content.subarray(0, content.length >> 1));
    die();
  }
  real.copyFileSync(from, path, ...rest);
};
fs.linkSync = (from, path) => {
  if (reached('linkSync', path)) die();
  real.linkSync(from, path);
};
// Those that read change nothing.
const writes = (flags) => (typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/u.test(flags));
fs.openSync = (path, flags = 'r', ...rest) => {
  if (writes(flags) && reached('openSync', path)) {
    real.writeFileSync(path, '');
    die();
  }
  return real.openSync(path, flags, ...rest);
};
fs.promises.open = (path, flags = 'r', ...rest) => {
  if (writes(flags) && reached('promises.open', path)) {
    real.writeFileSync(path, '');
    die();
  }
  return real.promises.open(path, flags, ...rest);
};
fs.createWriteStream = (path, ...rest) => {
  if (reached('createWriteStream', path)) {
    real.writeFileSync(path, 'torn');
    die();
  }
  return real.createWriteStream(path, ...rest);
};
for (const name of ['rename', 'writeFile', 'rm']) {
  fs.promises[name] = (path, ...rest) => {
    if (reached(`promises.${name}`, path)) die();
    return real.promises[name](path, ...rest);
  };
}
syncBuiltinESMExports();

process.on('exit', () => {
  if (list !== undefined) real.writeFileSync(list, JSON.stringify(changes));
});
