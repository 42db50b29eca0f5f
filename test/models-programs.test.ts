// The programs of examples/ that use trained models, with weights drawn from a seed: npm run test:models has the trained ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, load, manualSeed, memoryStats, save, tensor, type Tensor } from 'adjoint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MiniLM, SentenceEncoder } from '../examples/models/minilm';
import { SileroVad } from '../examples/models/silero-vad';
import { WordPiece } from '../examples/models/wordpiece';
import { pages, passages, shown } from '../examples/search';
import { passagesOf } from '../examples/search/passages';
import { PassageIndex } from '../examples/search/vectors';
import { trace } from '../examples/speech';
import { speechSvg } from '../examples/speech/picture';
import { segmentsOf } from '../examples/speech/segments';
import { accuracy, labelled, sorted, train } from '../examples/triage';
import { KINDS, TESTING, TRAINING } from '../examples/triage/messages';
import { recorded } from './models/goldens';
import { VOICE, wav } from './models/voice';

const { vocabulary } = recorded('small.json').wordpiece;
let folder: string;
let encoder: SentenceEncoder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'adjoint-models-'));
  manualSeed(0);
  const model = new MiniLM({ words: vocabulary.length, positions: 256, width: 32, layers: 1, heads: 2, inner: 32 });
  encoder = new SentenceEncoder(model, new WordPiece(vocabulary));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('passages', () => {
  const page = [
    '# Title', '', '<!-- setup', 'not shown', '-->', 'A **first** paragraph', 'with a [link](there.md).', '', '## Part', '', '- one', '- two', '',
    '| a | b |', '|---|---|', '| `c` | d |', '', '```ts', '# no heading', 'const x = 1;', '```', '### Deeper', 'end',
  ].join('\n');

  test('are paragraphs under their headings, with lists, tables and code', () => {
    expect(passagesOf('p.md', page)).toEqual([
      { page: 'p.md', heading: 'Title', line: 6, text: 'A first paragraph with a link.' },
      { page: 'p.md', heading: 'Title › Part', line: 11, text: 'one\ntwo\na   b\nc   d\n# no heading const x = 1;' },
      { page: 'p.md', heading: 'Title › Part › Deeper', line: 23, text: 'end' },
    ]);
  });

  test('are short: a part of a page is divided between paragraphs', () => {
    const long = Array.from({ length: 4 }, (_, i) => `p${i} ${'word '.repeat(59)}`.trim());
    const found = passagesOf('p.md', `# Long\n\n${long.join('\n\n')}`);
    expect(found.map(({ line }) => line)).toEqual([3, 7]);
    expect(found.map(({ text }) => text)).toEqual([long.slice(0, 2).join('\n'), long.slice(2).join('\n')]);
  });

  test('of the documentation have text, and begin where they say', () => {
    const found = passages(pages());
    expect(found.length).toBeGreaterThan(100);
    expect(new Set(found.map(({ page }) => page)).has('docs/files.md')).toBe(true);
    expect(found.filter(({ text }) => text.trim() === '')).toEqual([]);
  });
});

describe('the index', () => {
  const list = passagesOf('p.md', '# A\nThe cat sat on the mat.\n# B\nHello, world!\n# C\nSave and load gradients.\n');
  const counting = () => {
    const texts: string[] = [];
    return { texts, encode: (given: readonly string[]) => (texts.push(...given), encoder.encode(given)) };
  };

  test('finds a passage by its own words, and says so in three lines', () => {
    const index = PassageIndex.build(list, encoder, join(folder, 'a.safetensors'));
    const [first, ...others] = index.search('B\nHello, world!');
    expect(first).toMatchObject({ page: 'p.md', heading: 'B', line: 4 });
    expect(first!.score).toBeCloseTo(1, 5);
    expect(others).toHaveLength(2);
    expect(others.every(({ score }) => score < first!.score)).toBe(true);
    expect(shown(first!)).toBe('1.00  p.md:4  B\n      Hello, world!\n');
    expect(index.search('cat', 1)).toHaveLength(1);
  });

  test('encodes what has changed only, and keeps no other tensors', () => {
    const path = join(folder, 'b.safetensors');
    const [first, second, third] = [counting(), counting(), counting()];
    PassageIndex.build(list, first, path).vectors.dispose();
    const before = memoryStats().tensors;
    PassageIndex.build(list, second, path).vectors.dispose();
    const changed = [...list.slice(0, 2), { ...list[2]!, text: 'other' }];
    const index = PassageIndex.build(changed, third, path);
    expect([first, second, third].map(({ texts }) => texts.length)).toEqual([3, 0, 1]);
    expect(io.openSafetensors(path).keys()).toHaveLength(3);
    index.search('cat');
    expect(memoryStats().tensors).toBe(before + 1);
  });

  test('of nothing is refused', () => {
    expect(() => PassageIndex.build([], encoder, join(folder, 'c.safetensors'))).toThrow('there are no passages to search');
  });
});

describe('the head', () => {
  // Vectors that tell the kinds apart, whatever the weights: a one for the kind, noise elsewhere.
  const apart = { encode: (texts: readonly string[]): Tensor => tensor(texts.map((text, i) => {
    const kind = KINDS.findIndex((name) => [...TRAINING[name], ...TESTING[name]].includes(text));
    return Array.from({ length: 8 }, (_, j) => Number(j === kind) + 0.3 * Math.sin(i * 8 + j));
  })) };

  test('learns to sort messages, and is what was saved', () => {
    const [training, testing] = [labelled(apart, TRAINING), labelled(apart, TESTING)];
    expect(training.vectors.shape).toEqual([48, 8]);
    expect([0, 1, 2].map((kind) => training.kinds.eq(kind).sum().item())).toEqual([16, 16, 16]);
    const { head, losses } = train(training);
    expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
    expect(accuracy(head, testing)).toBe(1);
    const parts = sorted(head, apart, TESTING.question[0]!);
    expect(Object.keys(parts)).toEqual([...KINDS]);
    expect(parts.question).toBeGreaterThan(0.5);
    expect(Object.values(parts).reduce((a, b) => a + b)).toBeCloseTo(1, 5);

    const path = join(folder, 'head.pt');
    save(head.stateDict(), path);
    const other = train(training, { epochs: 1, seed: 1 }).head;
    other.loadStateDict(load(path) as Record<string, Tensor>);
    expect(sorted(other, apart, 'x')).toEqual(sorted(head, apart, 'x'));
  });

  test('leaves the encoder as it was', () => {
    const before = Object.entries(encoder.model.stateDict()).map(([name, value]) => [name, value.clone()] as const);
    const training = labelled(encoder, TRAINING);
    expect(training.vectors.requiresGrad).toBe(false);
    train(training, { epochs: 1 });
    const after = encoder.model.stateDict();
    expect(before.every(([name, value]) => value.equal(after[name]!))).toBe(true);
  });
});

describe('segments of speech', () => {
  const of = (text: string): number[] => Array.from(text, (digit) => Number(digit) / 10);

  test('begin at the threshold, end below it, and have a margin', () => {
    expect(segmentsOf(of('0046999994400000'), 0.1, { margin: 0.05 })).toEqual([{ start: expect.closeTo(0.25), end: expect.closeTo(1.15) }]);
  });

  test('go over short pauses, and are no noises', () => {
    const rest = { margin: 0, minPause: 0.25, minSpeech: 0.25 };
    expect(segmentsOf(of('9990099900090000'), 0.1, rest)).toEqual([{ start: 0, end: expect.closeTo(0.8) }]);
  });

  test('end with the sound', () => {
    expect(segmentsOf(of('00009999'), 0.1)).toEqual([{ start: expect.closeTo(0.37), end: 0.8 }]);
    expect(segmentsOf([], 0.1)).toEqual([]);
  });
});

describe('the trace of a recording', () => {
  const quiet = { speech: (samples: Float32Array) => Array.from({ length: Math.ceil(samples.length / 512) }, (_, i) => Number(i >= 10 && i < 40)) };

  test('is a picture with the sound, a curve, and each segment', () => {
    const { segments, svg } = trace(VOICE, quiet);
    expect(segments).toEqual([{ start: expect.closeTo(0.29), end: expect.closeTo(1.31) }]);
    expect(svg.match(/<rect class="speech"/g)).toHaveLength(1);
    expect(svg).toContain('<title>voice.wav</title>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.match(/\d+(\.\d)? s</g)!.map((text) => parseFloat(text))).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3]);
  });

  test('is that of the model, at any rate', () => {
    manualSeed(0);
    const path = join(folder, 'tone & noise.wav');
    writeFileSync(path, wav(Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / 7)), { rate: 8000 }));
    const { speech, svg } = trace(path, new SileroVad().eval());
    expect(speech).toHaveLength(32);
    expect(speech.every((value) => value > 0 && value < 1)).toBe(true);
    expect(svg).toContain('<title>tone &amp; noise.wav</title>');
  });

  test('has a mark every ten minutes in two hours, and can be silent', () => {
    const svg = speechSvg('long', { rate: 1, samples: new Float32Array(7200) }, [0, 0], 3600, []);
    expect(svg.match(/\d+ s</g)).toHaveLength(13);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test('of no sound is refused', () => {
    const path = join(folder, 'empty.wav');
    writeFileSync(path, wav([]));
    expect(() => trace(path, quiet)).toThrow('has no samples');
  });
});
