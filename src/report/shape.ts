/**
 * Whether a value that was read from a file has the form of a type: a shape throws RangeError with a sentence that names
 * the place where it has not. `T` is what may be assumed of a value that passed.
 */
export interface Shape<T> {
  readonly check: (value: unknown, where: string) => void;
  /** May be absent. */
  readonly optional?: true;
  /** Only for the compiler, never there: a shape of one type is none of another. */
  readonly of?: () => T;
}

/** The shapes of all entries of an object: those of entries that may be absent are made by `optional`. */
export type EntryShapes<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? Shape<Exclude<T[K], undefined>> & { readonly optional: true }
    : Shape<T[K]>;
};

function shape<T>(what: string, holds: (value: unknown) => boolean): Shape<T> {
  const check = (value: unknown, where: string): void => {
    if (!holds(value)) throw new RangeError(`its entry '${where}' is not ${what}`);
  };
  return { check };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const finite = shape<number>('a number', isNumber);
export const positive = shape<number>('a number above zero', (value) => isNumber(value) && value > 0);
export const count = shape<number>('a count', (value) => Number.isSafeInteger(value) && Number(value) >= 0);
export const integer = shape<number>('an integer', (value) => Number.isSafeInteger(value));
export const text = shape<string>('a text', (value) => typeof value === 'string');
export const truth = shape<boolean>('true or false', (value) => typeof value === 'boolean');

export function oneOf<const T>(...values: readonly T[]): Shape<T> {
  return shape(`one of ${values.map(String).join(', ')}`, (value) => values.some((known) => known === value));
}

export function nullOr<T>(inner: Shape<T>): Shape<T | null> {
  return {
    check: (value, where) => {
      if (value !== null) inner.check(value, where);
    },
  };
}

export function optional<T>(inner: Shape<T>): Shape<T> & { readonly optional: true } {
  return { check: inner.check, optional: true };
}

export function listOf<T>(inner: Shape<T>, fewest = 0): Shape<readonly T[]> {
  return {
    check: (value, where) => {
      if (!Array.isArray(value)) throw new RangeError(`its entry '${where}' is not a list`);
      if (value.length < fewest) throw new RangeError(`its entry '${where}' has fewer than ${fewest} elements`);
      value.forEach((element, index) => {
        inner.check(element, `${where}[${index}]`);
      });
    },
  };
}

export function pairOf<T>(inner: Shape<T>): Shape<readonly [T, T]> {
  const list = listOf(inner);
  return {
    check: (value, where) => {
      list.check(value, where);
      if ((value as readonly unknown[]).length !== 2) throw new RangeError(`its entry '${where}' is not a pair`);
    },
  };
}

/** Entries beyond those of `entries` are left alone. */
export function objectOf<T extends object>(entries: EntryShapes<T>): Shape<T> {
  const list = Object.entries(entries as Readonly<Record<string, Shape<unknown>>>);
  return {
    check: (value, where) => {
      const read = record(value, where);
      for (const [key, entry] of list) {
        const inner = read[key];
        if (inner === undefined && entry.optional === true) continue;
        entry.check(inner, where === '' ? key : `${where}.${key}`);
      }
    },
  };
}

/** Objects of several forms that their entry `key` tells apart. */
export function variantOf<T extends object, K extends keyof T & string>(
  key: K,
  forms: ReadonlyMap<T[K], Shape<T>>,
): Shape<T> {
  return {
    check: (value, where) => {
      const form = forms.get(record(value, where)[key] as T[K]);
      const place = where === '' ? key : `${where}.${key}`;
      if (form === undefined) throw new RangeError(`its entry '${place}' is none of ${[...forms.keys()].join(', ')}`);
      form.check(value, where);
    },
  };
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new RangeError(where === '' ? 'it is not an object' : `its entry '${where}' is not an object`);
}
