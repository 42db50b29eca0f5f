// Every public name of PyTorch's torch, of its tensors and of its namespaces is here, or stands in torch-missing.json with the
// reason why not; fixtures/record/torch_names.py lists them. Those of torch.nn are in nn-names.test.ts.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { describe, expect, it } from 'vitest';

/** Lines of names by space. */
type Names = Readonly<Record<string, readonly string[]>>;

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8'));
const { version, ...lists } = read('torch-names.json') as Names & { version: string };
const missing = read('torch-missing.json') as { excluded: Readonly<Record<string, Names>>; 'not yet': Names };

const { autograd, data, distributions, fft, func, linalg, masked, nn, optim, signal, special, tensor } = adjoint;
const spaces: Readonly<Record<string, object>> = {
  torch: adjoint,
  Tensor: tensor([1]),
  linalg,
  special,
  fft,
  masked,
  'signal.windows': signal.windows,
  'nn.functional': nn.functional,
  autograd,
  'autograd.functional': autograd.functional,
  func,
  distributions,
  optim,
  'utils.data': data,
};

/** PyTorch's name in camelCase; an underscore at the end stays. */
const camel = (name: string): string => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

/** The names of a space that are said to be missing, sorted. */
function named(space: string): string[] {
  const parts = [...Object.values(missing.excluded), missing['not yet']];
  return parts.flatMap((part) => part[space] ?? []).flatMap((line) => line.split(' ')).sort();
}

describe('names of PyTorch', () => {
  it('are those of the version that is followed', () => {
    expect(version).toBe('2.15.0');
  });

  it.each(Object.keys(spaces))('%s', (space) => {
    const absent = lists[space]!.filter((name) => !(camel(name) in spaces[space]!));
    expect(named(space)).toEqual(absent.sort());
  });

  it('only spaces that are listed have missing names, and every space is looked at', () => {
    const found = [...Object.values(missing.excluded), missing['not yet']].flatMap((part) => Object.keys(part));
    expect(Object.keys(lists)).toEqual(expect.arrayContaining(found));
    expect(Object.keys(spaces).sort()).toEqual(Object.keys(lists).sort());
  });
});
