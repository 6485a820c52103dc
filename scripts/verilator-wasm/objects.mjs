import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

/** Where the program looks for its files, in the file system that it is given when it runs. */
export const VERILATOR_ROOT = '/verilator';

/** Without optimisation of the linker's: with it, linking alone takes more than five minutes. */
const FLAGS = [
  '-O1',
  '-w',
  '-DVL_IGNORE_UNKNOWN_ARCH',
  ...['-I.', '-I..', '-I../../include'],
  ...['SYSTEMC', 'SYSTEMC_ARCH', 'SYSTEMC_INCLUDE', 'SYSTEMC_LIBDIR'].map((name) => `-DDEFENV_${name}=""`),
  `-DDEFENV_VERILATOR_ROOT="${VERILATOR_ROOT}"`,
];

const LINK_FLAGS = [
  '-O1',
  '-sALLOW_MEMORY_GROWTH=1',
  ...['-sINITIAL_MEMORY=134217728', '-sMAXIMUM_MEMORY=4GB'],
  '-sMODULARIZE=1',
  '-sFORCE_FILESYSTEM=1',
  '-sINVOKE_RUN=0',
  '-sEXIT_RUNTIME=1',
  // Its passes recurse over expressions; sums of a thousand terms are common here.
  '-sTOTAL_STACK=67108864',
  '-sENVIRONMENT=node,web,worker',
  '-sEXPORTED_RUNTIME_METHODS=FS,callMain',
];

/** Headers that nearly every file reads: parsed once, they make a file three times as fast to compile. */
const COMMON_HEADERS = [
  ...[
    'config_build.h',
    'verilatedos.h',
    'V3Ast.h',
    'V3Global.h',
    'V3Graph.h',
    'V3Stats.h',
    'V3EmitCBase.h',
    'V3Const.h',
  ],
];
const LIBRARY_HEADERS = ['algorithm', 'map', 'memory', 'unordered_map', 'unordered_set', 'vector'];

/** What decides about the objects, apart from the source: a change of it starts anew. */
export const recipe = JSON.stringify([FLAGS, LINK_FLAGS, COMMON_HEADERS, LIBRARY_HEADERS]);

/** Configures, generates what Verilator's own scripts generate, compiles and links; every finished step is kept. */
export async function compileAll(source, log) {
  const sources = join(source, 'src');
  const objects = join(sources, 'obj_wasm');
  await once(join(source, 'configured'), async () => {
    log('configuring');
    await run('autoconf', [], { cwd: source });
    await run('./configure', [], { cwd: source });
  });
  await once(join(source, 'revision'), async () => {
    writeFileSync(join(sources, 'config_rev.h'), await run('python3', ['./config_rev', '.'], { cwd: sources }));
  });
  mkdirSync(objects, { recursive: true });
  await once(join(objects, 'generated'), async () => {
    log('generating the parser and the tables of the tree');
    const made = ['serial', 'V3Lexer.yy.cpp', 'V3PreLex.yy.cpp', 'V3Const__gen.cpp'];
    await run('make', ['-s', '-f', '../Makefile_obj', ...made], { cwd: objects });
    copyFileSync('/usr/include/FlexLexer.h', join(objects, 'FlexLexer.h'));
  });
  await once(join(objects, 'common.h.pch'), async (path) => {
    log('parsing the common headers');
    const lines = [
      ...COMMON_HEADERS.map((name) => `#include "${name}"`),
      ...LIBRARY_HEADERS.map((name) => `#include <${name}>`),
    ];
    writeFileSync(join(objects, 'common.h'), `${lines.join('\n')}\n`);
    await run('em++', [...FLAGS, '-x', 'c++-header', 'common.h', '-o', `${path}.partial`], { cwd: objects });
    renameSync(`${path}.partial`, path);
  });
  const names = objectNames(sources);
  await compileObjects(names, objects, log);
  await once(join(objects, 'verilator.wasm'), async (path) => {
    log('linking');
    const files = names.map((name) => `${name}.o`);
    // Debian's modules for Node.js, where the one on the PATH is not Debian's.
    const environment = { NODE_PATH: '/usr/share/nodejs' };
    await run('em++', [...LINK_FLAGS, ...files, '-o', 'linked.js'], { cwd: objects, environment });
    renameSync(join(objects, 'linked.js'), join(objects, 'verilator.cjs'));
    renameSync(join(objects, 'linked.wasm'), path);
  });
  return { wasm: join(objects, 'verilator.wasm'), glue: join(objects, 'verilator.cjs') };
}

/** The list in Verilator's own makefile. */
function objectNames(sources) {
  const makefile = readFileSync(join(sources, 'Makefile_obj'), 'utf8');
  const list = /^RAW_OBJS = \\\n((?:.*\\\n)*.*)$/mu.exec(makefile)?.[1] ?? '';
  const names = list.match(/\w+(?=\.o\b)/gu) ?? [];
  if (names.length < 100) throw new Error('the list of object files in Makefile_obj has another form than expected');
  return names;
}

/** Largest first, on every processor, at a low priority. */
async function compileObjects(names, objects, log) {
  const sourceOf = (name) => (existsSync(join(objects, `${name}.cpp`)) ? `${name}.cpp` : `../${name}.cpp`);
  const missing = names.filter((name) => !existsSync(join(objects, `${name}.o`)));
  const size = new Map(missing.map((name) => [name, statSync(join(objects, sourceOf(name))).size]));
  missing.sort((left, right) => size.get(right) - size.get(left));
  let done = names.length - missing.length;
  if (missing.length > 0) log(`compiling ${missing.length} of ${names.length} files`);
  let next = 0;
  const worker = async () => {
    for (;;) {
      const name = missing[next];
      next += 1;
      if (name === undefined) return;
      const object = join(objects, `${name}.o`);
      const flags = [...FLAGS, '-include-pch', 'common.h.pch', '-c', sourceOf(name), '-o', `${object}.partial`];
      await run('nice', ['em++', ...flags], { cwd: objects });
      renameSync(`${object}.partial`, object);
      done += 1;
      if (done % 10 === 0 || done === names.length) log(`compiled ${done} of ${names.length} files`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Runs `step` unless its result is there. A step that makes no file of that name itself leaves an empty one. */
async function once(path, step) {
  if (existsSync(path)) return;
  await step(path);
  if (!existsSync(path)) writeFileSync(path, '');
}
