// Options at the end of an argument list that is another function's: an object there may be meant for either.
import type { ParameterList, Values } from './options';
import { isOptions } from './plain-object';

/** Whether `key` is `name` but for a slip: other capitals, underscores, or a letter or two. */
function isNear(key: string, name: string): boolean {
  const [a, b] = [key, name].map((word) => word.replaceAll('_', '').toLowerCase()) as [string, string];
  // How many letters differ between the beginnings of both, a row for each of `a`.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  // A short word is near many.
  return row[b.length]! <= b.length / 6 && b.length > 5;
}

/**
 * The option object at the end of an argument list, where there is one: only these names, and at least one.
 *
 * @throws UsageError for an object with a name that nearly is one of these.
 */
export function takeOptions<T extends object>(args: readonly unknown[], of: ParameterList<T>): [rest: readonly unknown[], options: Values<T>] {
  const last = args[args.length - 1];
  const keys = isOptions(last) ? Object.keys(last) : [];
  const isMeant = keys.some((key) => of.names.some((name) => isNear(key, name)));
  if (!isMeant && (keys.length === 0 || keys.some((key) => !of.names.includes(key)))) return [args, of.read([])];
  return [args.slice(0, -1), of.read([last])];
}
