// 15. Attention: a decoder that writes a word backwards looks, for every letter, at the letters it
// needs.
import { cat, full, manualSeed, nn, noGrad, optim, randint, stack, steps, viz, type Tensor } from 'adjoint';
import { heatMap } from './plots';
import { numbers, show, type Result } from './show';

const LETTERS = 12;
const LENGTH = 6;
const HIDDEN = 32;

/**
 * Additive attention: queries `[N, H]` and keys `[N, T, H]` give weights over T, and with them a
 * mean of the keys.
 */
class Attention extends nn.Module {
  query = new nn.Linear(HIDDEN, HIDDEN, { bias: false });
  key = new nn.Linear(HIDDEN, HIDDEN, { bias: false });
  score = new nn.Linear(HIDDEN, 1, { bias: false });

  override forward(query: Tensor, keys: Tensor): [context: Tensor, weights: Tensor] {
    const features = this.query(query).unsqueeze(1).add(this.key(keys)).tanh();
    const weights = this.score(features).squeeze(-1).softmax(1);
    return [weights.unsqueeze(1).bmm(keys).squeeze(1), weights];
  }
}

/**
 * Reads a word with a GRU and writes another, letter by letter, each from the one before and what
 * attention found.
 */
class Translator extends nn.Module {
  embedding = new nn.Embedding(LETTERS + 1, HIDDEN); // one more for the beginning
  encoder = new nn.GRU(HIDDEN, HIDDEN, { batchFirst: true });
  attention = new Attention();
  decoder = new nn.GRUCell(2 * HIDDEN, HIDDEN);
  output = new nn.Linear(HIDDEN, LETTERS);

  /**
   * Of words `[N, T]`: scores `[N, T, LETTERS]` and weights `[N, T, T]`. While training it reads
   * `target`, otherwise what it wrote.
   */
  override forward(words: Tensor, target: Tensor | null = null): [scores: Tensor, weights: Tensor] {
    const [keys, last] = this.encoder(this.embedding(words));
    let h = last.squeeze(0);
    let letter = full([words.size(0)], LETTERS, { dtype: 'int64' });
    const scores: Tensor[] = [];
    const weights: Tensor[] = [];
    for (let t = 0; t < LENGTH; t++) {
      const [context, weight] = this.attention(h, keys);
      h = this.decoder(cat([this.embedding(letter), context], 1), h);
      scores.push(this.output(h));
      weights.push(weight);
      letter = target === null ? scores.at(-1)!.argmax(1) : target.select(1, t);
    }
    return [stack(scores, 1), stack(weights, 1)];
  }
}

export function run(count = 400) {
  manualSeed(15);
  const model = new Translator();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const loss: number[] = [];
  for (const _ of steps(count)) {
    const words = randint(0, LETTERS, [32, LENGTH]);
    const target = words.flip([1]);
    const [scores] = model(words, target);
    const error = nn.functional.crossEntropy(scores.flatten(0, 1), target.flatten());
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    loss.push(error.item());
  }

  return noGrad(() => {
    const words = randint(0, LETTERS, [100, LENGTH]);
    const [scores, weights] = model(words);
    const right = scores.argmax(2).eq(words.flip([1])).to('float32').mean().item();
    return { loss, accuracy: [right], word: numbers(words.index(0)), weights: numbers(weights.index(0)) } satisfies Result;
  });
}

export const pictures = ({ loss, word, weights }: ReturnType<typeof run>) => {
  const letters = word.map((id) => 'abcdefghijkl'[id]!);
  return {
    loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'Writing words backwards', xLabel: 'step', yLabel: 'cross entropy' }),
    weights: heatMap(weights, [...letters].reverse(), letters, 'Where the decoder looks, letter by letter'),
  };
};

show(import.meta.url, run, pictures);
