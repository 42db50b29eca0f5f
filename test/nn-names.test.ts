// Every public name of PyTorch's torch.nn, its utilities and schedules is here, or stands below with the reason why not;
// fixtures/record/nn_names.py lists them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nn, optim } from 'adjoint';

const lists = JSON.parse(readFileSync(new URL('fixtures/nn-names.json', import.meta.url), 'utf8')) as Record<string, string | readonly string[]>;
const missing = JSON.parse(readFileSync(new URL('fixtures/nn-missing.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;

const utils = nn.utils as unknown as Record<string, object | undefined>;
const spaces: Readonly<Record<string, object | undefined>> = {
  nn,
  'nn.init': nn.init,
  'nn.utils': nn.utils,
  'nn.utils.rnn': nn.utils.rnn,
  'nn.utils.parametrize': utils['parametrize'],
  'nn.utils.parametrizations': utils['parametrizations'],
  'nn.utils.prune': utils['prune'],
  'optim.lr_scheduler': optim.lrScheduler,
  'optim.swa_utils': optim.swaUtils,
};

/** PyTorch's name in camelCase; an underscore at the end stays. */
const camel = (name: string): string => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

describe('names of PyTorch', () => {
  it.each(Object.keys(lists).filter((space) => space !== 'version'))('%s', (space) => {
    const names = lists[space] as readonly string[];
    const found = spaces[space] as Record<string, unknown> | undefined;
    const absent = names.filter((name) => found?.[camel(name)] === undefined);
    expect(absent).toEqual(names.filter((name) => missing[space]?.[name] !== undefined));
    for (const [name, reason] of Object.entries(missing[space] ?? {})) {
      expect(names, name).toContain(name);
      expect(reason, name).toMatch(/^(excluded|not yet): ./);
    }
  });
});
