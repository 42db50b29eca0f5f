// 12. A recurrent network from scratch: it reads a letter at a time and keeps what it has read in a
// state.
import { cat, manualSeed, nn, noGrad, optim, randn, stack, steps, viz, zeros, type Tensor } from 'adjoint';
import { pieces, tale } from './data';
import { numbers, show, type Result } from './show';

const HIDDEN = 64;

/** Letters one-hot → states hₜ = tanh(xₜ Wx + hₜ₋₁ Wh + b) → scores of the letter that follows. */
class CharacterRNN extends nn.Module {
  wx: nn.Parameter;
  wh: nn.Parameter;
  b: nn.Parameter;
  output: nn.Linear;

  constructor(readonly letters: number) {
    super();
    this.wx = new nn.Parameter(randn([letters, HIDDEN]).mul(0.1));
    this.wh = new nn.Parameter(randn([HIDDEN, HIDDEN]).mul(0.1));
    this.b = new nn.Parameter(zeros([HIDDEN]));
    this.output = new nn.Linear(HIDDEN, letters);
  }

  /**
   * Of ids `[N, T]` and a state `[N, HIDDEN]`: scores `[N, T, letters]` and the state after the
   * last letter.
   */
  override forward(ids: Tensor, state: Tensor | null = null): [scores: Tensor, state: Tensor] {
    const x = nn.functional.oneHot(ids, this.letters).to('float32');
    let h = state ?? zeros([ids.size(0), HIDDEN]);
    const states: Tensor[] = [];
    for (const letter of x.unbind(1)) {
      h = letter.matmul(this.wx).add(h.matmul(this.wh)).add(this.b).tanh();
      states.push(h);
    }
    return [this.output(stack(states, 1)), h];
  }
}

export function run(count = 300) {
  manualSeed(12);
  const text = tale();
  const ids = text.encode(text.text);
  const model = new CharacterRNN(text.size);
  const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
  const perplexity: number[] = [];

  for (const _ of steps(count)) {
    const [letters, next] = pieces(ids, 16, 24);
    const [scores] = model(letters);
    const loss = nn.functional.crossEntropy(scores.flatten(0, 1), next.flatten());
    optimizer.zeroGrad();
    loss.backward();
    // Through 24 steps a gradient can explode; what is longer than 1 is made as long as 1.
    nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    perplexity.push(Math.exp(loss.item()));
  }

  // Writing: the letter that is most likely is read next.
  const written = noGrad(() => {
    let [scores, state] = model(text.encode('The keeper ').unsqueeze(0));
    const found: Tensor[] = [];
    for (let i = 0; i < 40; i++) {
      const letter = scores.select(1, -1).argmax(1, true);
      found.push(letter);
      [scores, state] = model(letter, state);
    }
    return cat(found, 1).squeeze(0);
  });
  return { loss: perplexity, written: numbers(written) } satisfies Result;
}

export const pictures = ({ loss, written }: ReturnType<typeof run>) => ({
  perplexity: viz.lineChart([{ label: 'perplexity', y: loss }], {
    title: `“The keeper ${tale().decode(written)}”`,
    xLabel: 'step',
    yLabel: 'perplexity',
  }),
});

show(import.meta.url, run, pictures);
