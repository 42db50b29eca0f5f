// 16. A transformer: layers of attention in several heads sort numbers, all places at once.
import { arange, manualSeed, nn, noGrad, optim, randint, stack, steps, viz, type Tensor } from 'adjoint';
import { heatMap } from './plots';
import { numbers, show, type Result } from './show';

const NUMBERS = 10;
const LENGTH = 8;
const WIDTH = 32;
const HEADS = 4;

/**
 * Every place asks all places; each head with a part of the features, so that heads can look for
 * different things.
 */
class SelfAttention extends nn.Module {
  qkv = new nn.Linear(WIDTH, 3 * WIDTH);
  output = new nn.Linear(WIDTH, WIDTH);

  override forward(x: Tensor): [out: Tensor, weights: Tensor] {
    const [batch, length] = x.shape as [number, number];
    const heads = (t: Tensor): Tensor => t.view(batch, length, HEADS, WIDTH / HEADS).transpose(1, 2);
    const [q, k, v] = this.qkv(x).chunk(3, 2).map(heads) as [Tensor, Tensor, Tensor];
    // Divided, or the products of long vectors would make the softmax a choice of one.
    const weights = q.matmul(k.transpose(2, 3)).div(Math.sqrt(WIDTH / HEADS)).softmax(3);
    const mixed = weights.matmul(v).transpose(1, 2).reshape(batch, length, WIDTH);
    return [this.output(mixed), weights];
  }
}

/** Attention mixes places, two linear layers work on each; both add to what they are given. */
class Block extends nn.Module {
  norm1 = new nn.LayerNorm(WIDTH);
  attention = new SelfAttention();
  norm2 = new nn.LayerNorm(WIDTH);
  feedForward = new nn.Sequential(new nn.Linear(WIDTH, 2 * WIDTH), new nn.GELU(), new nn.Linear(2 * WIDTH, WIDTH));

  override forward(x: Tensor): [out: Tensor, weights: Tensor] {
    const [mixed, weights] = this.attention(this.norm1(x));
    const h = x.add(mixed);
    return [h.add(this.feedForward(this.norm2(h))), weights];
  }
}

/** Sines and cosines of many lengths, by which a place is known: `[LENGTH, WIDTH]`. */
function positions(): Tensor {
  const place = arange(LENGTH, { dtype: 'float32' }).unsqueeze(1);
  const frequency = arange(0, WIDTH, 2, { dtype: 'float32' }).mul(-Math.log(10000) / WIDTH).exp();
  const angle = place.mul(frequency);
  return stack([angle.sin(), angle.cos()], 2).flatten(1);
}

class Sorter extends nn.Module {
  embedding = new nn.Embedding(NUMBERS, WIDTH);
  blocks = new nn.ModuleList([new Block(), new Block()]);
  norm = new nn.LayerNorm(WIDTH);
  output = new nn.Linear(WIDTH, NUMBERS);
  declare positions: Tensor;

  constructor() {
    super();
    this.registerBuffer('positions', positions());
  }

  /** Of numbers `[N, LENGTH]`: scores `[N, LENGTH, NUMBERS]`, and the weights of the last block. */
  override forward(given: Tensor): [scores: Tensor, weights: Tensor] {
    let x = this.embedding(given).add(this.positions);
    let weights = x;
    for (const block of this.blocks) [x, weights] = block(x);
    return [this.output(this.norm(x)), weights];
  }
}

export function run(count = 300) {
  manualSeed(16);
  const model = new Sorter();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003 });
  const loss: number[] = [];
  for (const _ of steps(count)) {
    const given = randint(0, NUMBERS, [32, LENGTH]);
    const [sorted] = given.sort(1);
    const [scores] = model(given);
    const error = nn.functional.crossEntropy(scores.flatten(0, 1), sorted.flatten());
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    loss.push(error.item());
  }

  return noGrad(() => {
    const given = randint(0, NUMBERS, [200, LENGTH]);
    const [scores, weights] = model(given);
    const right = scores.argmax(2).eq(given.sort(1)[0]).to('float32').mean().item();
    return { loss, accuracy: [right], given: numbers(given.index(0)), weights: numbers(weights.index(0, 0)) } satisfies Result;
  });
}

export const pictures = ({ loss, given, weights }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'A transformer learns to sort', xLabel: 'step', yLabel: 'cross entropy' }),
  weights: heatMap(weights, given.map((_, i) => `place ${i}`), given.map(String), 'Where the first head looks'),
});

show(import.meta.url, run, pictures);
