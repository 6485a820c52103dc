import type { Argv } from 'yargs';
import { DEFAULT_BUNCHES } from '../evaluation/operating-point.js';
import type { SearchArguments } from './search-setup.js';

/** Options that may be given any number of times; `joinRepeated` brings them to the parser as one word. */
const repeated = ['--goal', '--signal', '--class', '--point'];
const SEPARATOR = '\u0000';

/** The parser takes the last of several: values of options that may be repeated are joined before it sees them. */
export function joinRepeated(words: readonly string[]): readonly string[] {
  const values = new Map<string, string[]>();
  const others: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, name = '', attached] = /^(--[a-z]+)(?:=(.*))?$/su.exec(word) ?? [];
    const value = attached ?? words[index + 1];
    if (!repeated.includes(name) || value === undefined) {
      others.push(word);
      continue;
    }
    if (attached === undefined) index++;
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return [...others, ...[...values].map(([name, list]) => `${name}=${list.join(SEPARATOR)}`)];
}

/** The values that `joinRepeated` has joined. */
export function splitRepeated(joined: string | undefined): readonly string[] {
  return joined === undefined ? [] : joined.split(SEPARATOR);
}

/** As the parser hands them over. */
export interface SearchOptions {
  readonly goal: string | undefined;
  readonly signal: string | undefined;
  readonly class: string | undefined;
  readonly 'score-element': string;
  readonly bunches: string;
  readonly search: string;
  readonly retrain: boolean;
}

/** The options of `compile` and `explore` that say what a search is judged on. */
export function searchOptions<T>(command: Argv<T>): Argv<T & SearchOptions> {
  return command
    .option('goal', { type: 'string', describe: 'what precision must keep, such as "auc_loss < 0.001"; repeatable' })
    .option('signal', { type: 'string', describe: 'events of a signal: NAME=FILE; repeatable' })
    .option('class', {
      type: 'string',
      describe: 'events of a class of a tagger: NAME=FILE; in the order of the outputs',
    })
    .option('score-element', { type: 'string', default: '0', describe: 'element of the outputs that is the score' })
    .option('bunches', { type: 'string', default: String(DEFAULT_BUNCHES), describe: 'colliding bunches, for rates' })
    .option('search', { type: 'string', default: 'default', describe: 'fast, default, high, or a time such as 30s' })
    .option('retrain', {
      type: 'boolean',
      default: false,
      describe: 'train weights further on the events, towards the outputs of the float model',
    });
}

/** What these options mean. `whole` reads a whole number of an option, or refuses it. */
export function searchArguments(
  options: SearchOptions & { readonly data: string | undefined; readonly seed: string | undefined },
  whole: (option: string, text: string, maximum: number, minimum?: number) => number,
): SearchArguments {
  return {
    data: options.data,
    goals: splitRepeated(options.goal).map((text) => ({ text, location: { configPath: '--goal' } })),
    signals: splitRepeated(options.signal),
    classes: splitRepeated(options.class),
    scoreElement: whole('--score-element', options['score-element'], 1e9),
    bunches: whole('--bunches', options.bunches, 3564, 1),
    effort: options.search,
    retrain: options.retrain,
    // What is no seed is refused with the other settings.
    seed: /^\d{1,10}$/u.test(options.seed ?? '') ? Number(options.seed) : 1,
  };
}
