// The models of examples/models without their packages: tokenizers with small vocabularies, weights drawn from a seed, sounds made here.
// With the weights as they were trained: npm run test:models.
import { io, manualSeed, noGrad, rand, stack, tensor, type Tensor } from 'adjoint';
import { describe, expect, test } from 'vitest';
import { Crepe, framesOf, hertz } from '../examples/models/crepe';
import { Graphemes } from '../examples/models/graphemes';
import { MiniLM, SentenceEncoder } from '../examples/models/minilm';
import { SileroVad } from '../examples/models/silero-vad';
import { VoiceEncoder } from '../examples/models/voice-encoder';
import { readWav, resampled } from '../examples/models/wav';
import { Wheel } from '../examples/models/wheel';
import { BytePairs } from '../examples/models/wordllama';
import { WordPiece, wordsOf } from '../examples/models/wordpiece';
import { expectClose, recorded, rowsOf } from './models/goldens';
import { wav } from './models/voice';

const small = recorded('small.json');

describe('WordPiece', () => {
  const tokenizer = new WordPiece(small.wordpiece.vocabulary);

  test.each(rowsOf(small.wordpiece))('splits %j as the reference does', (text, wanted) => {
    expect(tokenizer.encode(text, 30)).toEqual(wanted);
  });

  test('makes words of a text', () => {
    expect(wordsOf('Ça va,\tΣΑΣ? 中文')).toEqual(['ca', 'va', ',', 'σασ', '?', '中', '文']);
  });

  test('says what a vocabulary lacks', () => {
    expect(() => new WordPiece(['[PAD]', '[UNK]', '[CLS]'])).toThrow('the vocabulary has no [SEP]');
  });
});

describe('BytePairs', () => {
  const tokenizer = new BytePairs({ model: small.bytePairs });

  test.each(rowsOf(small.bytePairs))('splits %j as the reference does', (text, wanted) => {
    expect(tokenizer.encode(text)).toEqual(wanted);
  });
});

describe('with weights drawn from a seed', () => {
  test('MiniLM gives the vectors of PyTorch, in batches of any size', () => {
    const { sizes, sentences, embeddings } = small.minilm;
    manualSeed(0);
    const encoder = new SentenceEncoder(new MiniLM(sizes), new WordPiece(small.wordpiece.vocabulary), sizes.positions - 2);
    for (const batchSize of [1, 4, 16]) expectClose(encoder.encode(sentences, { batchSize }), embeddings, 1e-6);
    expect(() => encoder.encode([])).toThrow('there are no texts to encode');
  });

  test('MiniLM takes its sizes from a file', () => {
    const { wordpiece: { vocabulary }, minilm: { sentences } } = small;
    manualSeed(0);
    const sizes = { words: vocabulary.length, positions: 64, width: 64, layers: 2, heads: 2, inner: 96 };
    const made = new SentenceEncoder(new MiniLM(sizes), new WordPiece(vocabulary), 62);
    const file = io.saveSafetensors(made.model.stateDict());
    const read = SentenceEncoder.of(file, `${vocabulary.join('\n')}\n`);
    expect(read.encode(sentences.slice(0, 3), { batchSize: 1 }).tolist()).toEqual(made.encode(sentences.slice(0, 3), { batchSize: 1 }).tolist());
    expect(() => SentenceEncoder.of(io.saveSafetensors({ x: rand([2]) }), '[PAD]')).toThrow(/has no embeddings\.word_embeddings\.weight; expected the weights of a MiniLM/);
  });

  test.each([
    ['silero', () => new SileroVad()],
    ['crepe', () => new Crepe()],
    ['voiceEncoder', () => new VoiceEncoder()],
  ])('%s gives what PyTorch does', (name, make) => {
    const { seed, shape, out } = small[name];
    manualSeed(seed);
    const model = make().eval();
    expectClose(noGrad(() => model.call(rand(shape))), out, 1e-6);
  });

  test('graphemes gives what PyTorch does', () => {
    const { seed, phonemes, logits } = small.graphemes;
    manualSeed(seed);
    const rows = noGrad(() => new Graphemes().eval().call(Graphemes.indices('ABC')));
    expectClose(stack(rows), logits, 1e-6);
    expect(rows.map((row: Tensor) => row.argmax().item()).filter((index: number) => index !== 3)).toEqual(phonemes);
  });
});

test('the pitch of an activation is in Hz', () => {
  const activations = tensor([0, 120, 359].map((bin) => Array.from({ length: 360 }, (_, i) => Number(i === bin))));
  const found = hertz(activations).tolist() as number[];
  [31.7, 126.8, 2005.5].forEach((wanted, i) => expect(found[i]).toBeCloseTo(wanted, 1));
});

test('frames have mean 0 and standard deviation 1, silence too', () => {
  const frames = framesOf(tensor(Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i / 9) + 3)), 512);
  expect(frames.shape).toEqual([5, 1024]);
  expect(frames.mean(1).abs().max().item()).toBeLessThan(1e-6);
  expect(frames.std(1).sub(1).abs().max().item()).toBeLessThan(1e-6);
  expect(framesOf(tensor(new Float32Array(1024)), 512).abs().max().item()).toBe(0);
});

describe('a wheel', () => {
  const bytes = new Uint8Array(Buffer.from(small.wheel, 'base64'));
  const read = (name: string) => new TextDecoder().decode(new Wheel(bytes).read(name));

  test('has files that are stored or deflated', () => {
    expect(new Wheel(bytes).names()).toEqual(['stored.txt', 'folder/deflated.txt', 'empty.txt']);
    expect([read('stored.txt'), read('folder/deflated.txt'), read('empty.txt')]).toEqual(['as it is', 'again and '.repeat(50), '']);
  });

  test('says what is wrong with it', () => {
    expect(() => read('other.txt')).toThrow('the wheel has no file other.txt');
    expect(() => new Wheel(bytes.subarray(0, 100))).toThrow('the wheel is no zip archive');
  });
});

describe('a WAV file', () => {
  const wave = [0, 0.5, -0.5, 0.25, -1];

  test.each([
    [1, 8, 2 ** -7],
    [1, 16, 2 ** -15],
    [1, 24, 2 ** -23],
    [1, 32, 2 ** -31],
    [3, 32, 0],
    [3, 64, 0],
  ])('of format %i with %i bits is read', (kind, bits, step) => {
    const { rate, samples } = readWav(wav(wave, { kind, bits, rate: 8000 }));
    expect(rate).toBe(8000);
    expect(samples).toHaveLength(5);
    wave.forEach((value, i) => expect(Math.abs(samples[i]! - value)).toBeLessThanOrEqual(step));
  });

  test('of two channels becomes their mean, other chunks are passed over', () => {
    expect([...readWav(wav([0.5, -0.5, 1 / 4, 3 / 4], { channels: 2, kind: 3, bits: 32 })).samples]).toEqual([0, 0.5]);
  });

  test('that is none, or is of another kind, is refused', () => {
    expect(() => readWav(new Uint8Array(100))).toThrow('the sound is no WAV file');
    expect(() => readWav(wav(wave, { kind: 2, bits: 4 }))).toThrow('in format 2 with 4 bits');
    expect(() => readWav(wav(wave).subarray(0, 40))).toThrow('has no sound in it');
  });

  test('that was cut off gives what is there', () => {
    const bytes = wav(wave);
    expect(readWav(bytes.subarray(0, bytes.length - 4)).samples).toHaveLength(3);
  });

  test.each([[48_000], [44_100], [8000]])('of %i Hz keeps its tone at 16000', (rate) => {
    const tone = (at: number, n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / at));
    const { rate: found, samples } = resampled({ rate, samples: tone(rate, rate / 10) }, 16_000);
    expect([found, samples.length]).toEqual([16_000, 1600]);
    const wanted = tone(16_000, 1600);
    // At its ends a sound has only half of what is summed.
    for (let i = 100; i < 1500; i++) expect(Math.abs(samples[i]! - wanted[i]!)).toBeLessThan(2e-3);
  });
});
