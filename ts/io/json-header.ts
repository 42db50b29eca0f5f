// JSON, read strictly: a key that appears twice is refused, however it is written, where `JSON.parse` would keep the last.

/** What is wrong with a text, and at which letter. */
export class JsonError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Deeper than anything a header holds. */
const DEEPEST = 16;

/** An object of JSON: keys are keys, whatever they are called. */
export type JsonObject = ReadonlyMap<string, unknown>;

/** The value of a text: objects as Maps. */
export function parseJson(text: string): unknown {
  let at = 0;

  const fail = (message: string): never => {
    throw new JsonError(message, at);
  };

  const skip = (): void => {
    while (' \t\n\r'.includes(text.charAt(at)) && at < text.length) at++;
  };

  /** Whether this letter comes next, which is then behind. */
  const next = (letter: string): boolean => {
    skip();
    if (text[at] !== letter) return false;
    at++;
    return true;
  };

  const matched = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found === undefined) return fail(`there is no value where one should be`);
    at += found.length;
    return found;
  };

  /** A loop, and no expression: texts may be long. */
  const string = (): string => {
    const start = at;
    if (text[at] !== '"') fail('a text is missing');
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length || text[at]! < ' ') fail('a text has no end');
      if (text[at] === '\\') at++;
    }
    at++;
    const quoted = text.slice(start, at);
    let value: string;
    try {
      value = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
    } catch {
      at = start;
      return fail('a text has an escape that does not exist');
    }
    if (/[\ud800-\udfff]/u.test(value)) {
      at = start;
      fail('a text has half a pair of surrogates');
    }
    return value;
  };

  const value = (depth: number): unknown => {
    if (depth > DEEPEST) fail(`values are nested more than ${DEEPEST} deep`);
    skip();
    if (text[at] === '"') return string();
    if (next('{')) return object(depth);
    if (next('[')) return array(depth);
    const word = matched(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    return JSON.parse(word) as unknown;
  };

  const object = (depth: number): JsonObject => {
    const entries = new Map<string, unknown>();
    if (next('}')) return entries;
    do {
      skip();
      const start = at;
      const key = string();
      if (entries.has(key)) {
        at = start;
        fail(`the key ${JSON.stringify(key)} appears twice`);
      }
      if (!next(':')) fail('a colon is missing');
      entries.set(key, value(depth + 1));
    } while (next(','));
    if (!next('}')) fail('an object has no end');
    return entries;
  };

  const array = (depth: number): unknown[] => {
    const items: unknown[] = [];
    if (next(']')) return items;
    do items.push(value(depth + 1));
    while (next(','));
    if (!next(']')) fail('an array has no end');
    return items;
  };

  const result = value(0);
  skip();
  if (at < text.length) fail('something is behind the value');
  return result;
}
