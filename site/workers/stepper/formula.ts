// A formula as a function of its inputs: every name of the library can be used in it.
import type { Tensor } from 'adjoint';
import type { Library } from './call';
import type { Input } from './trace-data';

const NAME = /^[A-Za-z_$][\w$]*$/;

/** `var` is a function of the library, and a word of the language. */
const isFree = (name: string): boolean => NAME.test(name) && name !== 'var' && name !== 'default';

/**
 * The function that `text`, in JavaScript, is of inputs with these names.
 *
 * @throws Error for names that are none or are there twice; SyntaxError for a text that does not parse.
 */
export function formulaOf(library: Library, text: string, names: readonly string[]): (...inputs: Tensor[]) => Tensor {
  const wrong = names.find((name, i) => !NAME.test(name) || names.indexOf(name) !== i);
  if (wrong !== undefined) throw new Error(`'${wrong}' cannot be an input: names are words, each there once`);
  const provided = Object.keys(library).filter((name) => isFree(name) && !names.includes(name));
  const body = /\breturn\b/.test(text) ? text : `return (${text.replace(/;\s*$/, '')}\n);`;
  const run = new Function(...provided, ...names, body) as (...given: unknown[]) => Tensor;
  const values = provided.map((name) => (library as unknown as Record<string, unknown>)[name]);
  return (...inputs) => run(...values, ...inputs);
}

/**
 * An input as a leaf.
 *
 * @throws Error for a text that is not numbers.
 */
export function leafOf(library: Library, { name, value, isFrozen }: Input): Tensor {
  let data: number[];
  try {
    data = JSON.parse(value) as number[];
  } catch {
    throw new Error(`${name}: '${value}' is not a number or a list of numbers such as [1, 2] or [[1, 2], [3, 4]]`);
  }
  return library.tensor(data, { dtype: 'float32', requiresGrad: !isFrozen });
}
