// 22. A character GPT: a transformer in which every place sees only what comes before it, so that
// it can write on.
import { arange, cat, manualSeed, multinomial, nn, noGrad, optim, steps, viz, type Tensor } from 'adjoint';
import { pieces, tale } from './data';
import { numbers, show, type Result } from './show';

export const CONTEXT = 32;
const WIDTH = 48;
const HEADS = 4;

class CausalAttention extends nn.Module {
  qkv = new nn.Linear(WIDTH, 3 * WIDTH);
  output = new nn.Linear(WIDTH, WIDTH);

  override forward(x: Tensor): Tensor {
    const [batch, length] = x.shape as [number, number];
    const heads = (t: Tensor): Tensor => t.view(batch, length, HEADS, WIDTH / HEADS).transpose(1, 2);
    const [q, k, v] = this.qkv(x).chunk(3, 2).map(heads) as [Tensor, Tensor, Tensor];
    // Chapter 16 writes this out; here places may not look ahead.
    const mixed = nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true });
    return this.output(mixed.transpose(1, 2).reshape(batch, length, WIDTH));
  }
}

class Block extends nn.Module {
  norm1 = new nn.LayerNorm(WIDTH);
  attention = new CausalAttention();
  norm2 = new nn.LayerNorm(WIDTH);
  feedForward = new nn.Sequential(new nn.Linear(WIDTH, 4 * WIDTH), new nn.GELU(), new nn.Linear(4 * WIDTH, WIDTH));

  override forward(x: Tensor): Tensor {
    const h = x.add(this.attention(this.norm1(x)));
    return h.add(this.feedForward(this.norm2(h)));
  }
}

export class GPT extends nn.Module {
  letters: nn.Embedding;
  places = new nn.Embedding(CONTEXT, WIDTH);
  blocks = new nn.Sequential(new Block(), new Block());
  norm = new nn.LayerNorm(WIDTH);
  output: nn.Linear;

  constructor(size: number) {
    super();
    this.letters = new nn.Embedding(size, WIDTH);
    this.output = new nn.Linear(WIDTH, size, { bias: false });
    this.apply((part) => {
      if (part instanceof nn.Linear || part instanceof nn.Embedding) nn.init.normal_(part.weight, 0, 0.02);
    });
    // The vector of a letter is also what its score is measured by.
    this.output.weight = this.letters.weight;
  }

  /** Of ids `[N, T]`, T at most CONTEXT: scores `[N, T, letters]` of what follows each. */
  override forward(ids: Tensor): Tensor {
    const x = this.letters(ids).add(this.places(arange(ids.size(1))));
    return this.output(this.norm(this.blocks(x)));
  }

  /** Goes on for `count` letters, each drawn by its probability. */
  write(ids: Tensor, count: number): Tensor {
    return noGrad(() => {
      let text = ids.unsqueeze(0);
      for (let i = 0; i < count; i++) {
        const seen = text.narrow(1, Math.max(0, text.size(1) - CONTEXT), Math.min(CONTEXT, text.size(1)));
        const probabilities = this.call(seen).select(1, -1).div(0.8).softmax(1);
        text = cat([text, multinomial(probabilities, 1)], 1);
      }
      return text.squeeze(0);
    });
  }
}

export function run(count = 600) {
  manualSeed(22);
  const text = tale();
  const ids = text.encode(text.text);
  const model = new GPT(text.size);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003, weightDecay: 0.1 });
  const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, count);
  const loss: number[] = [];

  for (const _ of steps(count)) {
    const [letters, next] = pieces(ids, 16, CONTEXT);
    const error = nn.functional.crossEntropy(model(letters).flatten(0, 1), next.flatten());
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    schedule.step();
    loss.push(error.item());
  }
  return { loss, written: numbers(model.write(text.encode('The gull '), 60)) } satisfies Result;
}

export const pictures = ({ loss, written }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: `“${tale().decode(written)}”`, xLabel: 'step', yLabel: 'cross entropy' }),
});

show(import.meta.url, run, pictures);
