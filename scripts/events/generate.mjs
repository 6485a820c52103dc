// Seeded Level-1 events as .npy or .csv.gz. What the distributions are: docs/events.md, how to call it: README.md here.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds } from './kinds.mjs';
import { openRows } from './output.mjs';
import { processes } from './processes.mjs';

const usage = () => `Usage: node scripts/events/generate.mjs --process NAME --kind KIND --events N --output FILE
  --seed N       0 to 4294967295 (1)
  --first N      number of the first event (0): the same seed from another event on, for samples that share none
  --pileup MEAN  mean number of collisions in a crossing, 0 to 200 (60); objects and calorimeter only
  --units U      real: pt in GeV (default); hardware: integers of 0.5 GeV; objects only
  --labels FILE  .npy of class numbers, jets with --process all only
  --output FILE  .npy, or .csv.gz with a header

Kinds:
${Object.entries(kinds)
  .map(
    ([name, { summary, processes: names }]) =>
      `  ${name.padEnd(18)} ${summary}\n${''.padEnd(21)}of: ${names.join(', ')}`,
  )
  .join('\n')}

Processes of objects and calorimeter:
${Object.entries(processes)
  .map(([name, { summary }]) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n')}
`;

class UsageError extends Error {}
const stop = (message) => {
  throw new UsageError(message);
};

function integer(text, name, low, high) {
  if (!/^\d+$/u.test(text)) stop(`--${name} takes an integer, not '${text}'`);
  const value = Number(text);
  if (value < low || value > high) stop(`--${name} is ${text}, outside ${low} to ${high}`);
  return value;
}

function fileName(path, name, endings) {
  if (!endings.some((ending) => path.endsWith(ending))) stop(`--${name} must end in ${endings.join(' or ')}: ${path}`);
  const folder = dirname(resolve(path));
  if (!existsSync(folder) || !statSync(folder).isDirectory()) stop(`--${name}: no folder ${folder}`);
  return path;
}

/** Check the command line; everything that can be wrong is said here, before anything is written. */
export function readArguments(list) {
  let values;
  const text = { type: 'string' };
  try {
    ({ values } = parseArgs({
      args: list,
      options: {
        process: text,
        kind: text,
        events: text,
        seed: text,
        first: text,
        pileup: text,
        units: text,
        labels: text,
        output: text,
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return stop(error.message);
  }
  if (values.help) return undefined;
  for (const name of ['process', 'kind', 'events', 'output'])
    if (values[name] === undefined) stop(`--${name} is missing`);
  const kind = Object.hasOwn(kinds, values.kind) ? kinds[values.kind] : undefined;
  if (kind === undefined) stop(`no kind '${values.kind}'; kinds: ${Object.keys(kinds).join(', ')}`);
  if (!kind.processes.includes(values.process)) {
    stop(`no process '${values.process}' of kind ${values.kind}; processes: ${kind.processes.join(', ')}`);
  }
  const crossing = Object.hasOwn(processes, values.process);
  if (values.pileup !== undefined && !crossing) stop('--pileup is for objects and calorimeter');
  const pileup = Number(values.pileup ?? 60);
  if (!/^\d+(\.\d+)?$/u.test(values.pileup ?? '60') || pileup > 200) {
    stop(`--pileup takes a number from 0 to 200, not '${values.pileup}'`);
  }
  if (values.units !== undefined && values.kind !== 'objects') stop('--units is for objects');
  const units = values.units ?? 'real';
  if (units !== 'real' && units !== 'hardware') stop(`--units is real or hardware, not '${units}'`);
  if (values.labels !== undefined && values.process !== 'all') stop('--labels is for jets with --process all');
  const events = integer(values.events, 'events', 1, 1e9);
  const output = fileName(values.output, 'output', ['.npy', '.csv.gz']);
  const labels = values.labels === undefined ? undefined : fileName(values.labels, 'labels', ['.npy']);
  if (labels !== undefined && resolve(labels) === resolve(output)) stop('--labels and --output are the same file');
  return {
    kind,
    process: values.process,
    events,
    seed: integer(values.seed ?? '1', 'seed', 0, 4294967295),
    first: integer(values.first ?? '0', 'first', 0, 4294967295 - events),
    pileup,
    units,
    output,
    labels,
  };
}

/** Make the files of one command line, as `readArguments` gives it. `progress` is told how many events are done. */
export function generate(settings, progress = () => {}) {
  const { kind, events, first, output, labels } = settings;
  const type = kind.type(settings);
  const width = kind.columns.length;
  const block = new type(Math.min(events, 2048) * width);
  const classes = new Uint8Array(block.length / width);
  const files = [];
  try {
    const rows = openRows(output, { rows: events, columns: kind.columns, type, shape: kind.shape });
    files.push(rows);
    const classFile =
      labels === undefined
        ? undefined
        : openRows(labels, { rows: events, columns: ['class'], type: Uint8Array, shape: [] });
    if (classFile !== undefined) files.push(classFile);
    const make = kind.maker(settings);
    for (let done = 0; done < events;) {
      const count = Math.min(classes.length, events - done);
      for (let row = 0; row < count; row++) classes[row] = make(first + done + row, block, row * width);
      rows.write(block, count);
      classFile?.write(classes, count);
      done += count;
      progress(done);
    }
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
  for (const file of files) file.close();
}

function main() {
  const settings = readArguments(process.argv.slice(2));
  if (settings === undefined) {
    process.stdout.write(usage());
    return;
  }
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const bar = (done) => {
    if (process.stderr.isTTY && seconds() > 2) process.stderr.write(`\r${done} of ${settings.events} events`);
  };
  generate(settings, bar);
  if (process.stderr.isTTY && seconds() > 2) process.stderr.write('\r\x1b[K');
  const rate = Math.round(settings.events / seconds());
  process.stderr.write(`${settings.output}: ${settings.events} events, seed ${settings.seed}, ${rate} a second\n`);
}

if (process.argv[1] !== undefined && import.meta.url === new URL(`file://${resolve(process.argv[1])}`).href) {
  try {
    main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`error: ${error.message}\n  hint: --help lists kinds and processes\n`);
    process.exitCode = 2;
  }
}
