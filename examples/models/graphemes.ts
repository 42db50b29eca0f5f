// g2p-en: how an English word is spoken. One GRU reads its letters, another says its phonemes, each after the one before.
//
// Source: Park and Kim, "g2pE" (2019). Phonemes are those of ARPABET; the digit behind a vowel is its stress.
import { io, nn, noGrad, scope, tensor, type Tensor } from 'adjoint';
import { fileOf } from './packages';

const LETTERS = ['<pad>', '<unk>', '</s>', ...'abcdefghijklmnopqrstuvwxyz'.split('')];
const VOWELS = ['AA', 'AE', 'AH', 'AO', 'AW', 'AY', 'EH', 'ER', 'EY', 'IH', 'IY', 'OW', 'OY', 'UH', 'UW'];
const CONSONANTS = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');
// In the order of the alphabet, but UW also stands there without a stress.
const SOUNDS = [...VOWELS.flatMap((vowel) => ['0', '1', '2'].map((stress) => vowel + stress)), 'UW', ...CONSONANTS].sort();
const [PHONEMES, START, END] = [['<pad>', '<unk>', '<s>', '</s>', ...SOUNDS], 2, 3];
const LONGEST = 20;

/** A word to phonemes. */
export class Graphemes extends nn.Module {
  letters = new nn.Embedding(LETTERS.length, 256);
  encoder = new nn.GRU(256, 256, { batchFirst: true });
  phonemes = new nn.Embedding(PHONEMES.length, 256);
  decoder = new nn.GRUCell(256, 256);
  out = new nn.Linear(256, PHONEMES.length);

  /** The model as it was trained; its package is downloaded the first time. */
  static pretrained(): Graphemes {
    const model = new Graphemes();
    const arrays = io.loadNpz(fileOf('g2p-en', 'checkpoint20.npz'));
    const recurrent = (side: string, name: string, end: string): [string, Tensor][] =>
      ['ih', 'hh'].flatMap((kind) => [
        [`${name}.weight_${kind}${end}`, arrays[`${side}_w_${kind}`]!],
        [`${name}.bias_${kind}${end}`, arrays[`${side}_b_${kind}`]!],
      ]);
    model.loadStateDict({
      'letters.weight': arrays['enc_emb']!,
      'phonemes.weight': arrays['dec_emb']!,
      'out.weight': arrays['fc_w']!,
      'out.bias': arrays['fc_b']!,
      ...Object.fromEntries([...recurrent('enc', 'encoder', '_l0'), ...recurrent('dec', 'decoder', '')]),
    });
    model.eval();
    return model;
  }

  /** The logits of one phoneme after the other `[steps, 74]`, up to the end of the word. */
  override forward(letters: Tensor): Tensor[] {
    const [, states] = this.encoder(this.letters(letters.unsqueeze(0)));
    let hidden = states.select(0, 0);
    const logits: Tensor[] = [];
    for (let last = START; last !== END && logits.length < LONGEST; last = logits.at(-1)!.argmax().item()) {
      hidden = this.decoder(this.phonemes(tensor([last], { dtype: 'int64' })), hidden);
      logits.push(this.out(hidden).squeeze(0));
    }
    return logits;
  }

  /** The indices of the letters of a word. */
  static indices(word: string): Tensor {
    const indices = Array.from(word.toLowerCase(), (letter) => Math.max(LETTERS.indexOf(letter), 1));
    return tensor([...indices, LETTERS.indexOf('</s>')], { dtype: 'int64' });
  }

  /** The phonemes of a word: `pronounce('tensor')` is `['T', 'EH1', 'N', 'S', 'ER0']`. */
  pronounce(word: string): string[] {
    return scope(() => noGrad(() => {
      const found = this.call(Graphemes.indices(word)).map((row) => row.argmax().item());
      return found.filter((index) => index !== END).map((index) => PHONEMES[index]!);
    }));
  }
}
