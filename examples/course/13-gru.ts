// 13. A gated recurrent unit: one gate says how much of the past to forget, another how much of the
// state to replace.
import { allclose, manualSeed, nn, noGrad, optim, randn, stack, steps, viz, zeros, type Tensor } from 'adjoint';
import { pieces, tale } from './data';
import { show, type Result } from './show';

const HIDDEN = 64;

/** What `nn.GRU` does, written out with its weights: input `[N, T, I]`, states `[N, T, HIDDEN]`. */
function states(gru: nn.GRU, x: Tensor): Tensor {
  const { linear } = nn.functional;
  const [[wx, wh, bx, bh]] = gru.allWeights as [[Tensor, Tensor, Tensor, Tensor]];
  let h = zeros([x.size(0), HIDDEN]);
  const all = x.unbind(1).map((letter) => {
    const [xr, xz, xn] = linear(letter, wx, bx).chunk(3, 1) as [Tensor, Tensor, Tensor];
    const [hr, hz, hn] = linear(h, wh, bh).chunk(3, 1) as [Tensor, Tensor, Tensor];
    const reset = xr.add(hr).sigmoid();
    const update = xz.add(hz).sigmoid();
    const candidate = xn.add(reset.mul(hn)).tanh();
    // Where the gate is 1 the state stays as it is, for as many steps as it likes: gradients get
    // through.
    h = update.mul(h).add(update.neg().add(1).mul(candidate));
    return h;
  });
  return stack(all, 1);
}

class Model extends nn.Module {
  embedding: nn.Embedding;
  recurrent: nn.GRU | nn.RNN;
  output: nn.Linear;

  constructor(letters: number, Layer: typeof nn.GRU | typeof nn.RNN) {
    super();
    this.embedding = new nn.Embedding(letters, 32);
    this.recurrent = new Layer(32, HIDDEN, { batchFirst: true });
    this.output = new nn.Linear(HIDDEN, letters);
  }

  override forward(ids: Tensor): Tensor {
    const [states] = this.recurrent(this.embedding(ids));
    return this.output(states);
  }
}

export function run(count = 200) {
  const text = tale();
  const ids = text.encode(text.text);
  const learn = (Layer: typeof nn.GRU | typeof nn.RNN): number[] => {
    manualSeed(13);
    const model = new Model(text.size, Layer);
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.005 });
    return Array.from(steps(count), () => {
      const [letters, next] = pieces(ids, 16, 32);
      const loss = nn.functional.crossEntropy(model(letters).flatten(0, 1), next.flatten());
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  };
  const loss = learn(nn.GRU);
  const lossRNN = learn(nn.RNN);

  const gru = new nn.GRU(8, HIDDEN, { batchFirst: true });
  const x = randn([2, 10, 8]);
  const agrees = noGrad(() => allclose(states(gru, x), gru(x)[0], { atol: 1e-6 }));
  return { loss, lossRNN, agrees: [Number(agrees)] } satisfies Result;
}

export const pictures = ({ loss, lossRNN }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'GRU', y: loss }, { label: 'RNN', y: lossRNN }], {
    title: 'Reading the tale, with gates and without',
    xLabel: 'step',
    yLabel: 'cross entropy',
  }),
});

show(import.meta.url, run, pictures);
