// 18. A generative adversarial network: one network draws points, another tells them from real
// ones, and each learns from the other.
import { cat, manualSeed, nn, noGrad, ones, optim, rand, randn, stack, steps, viz, zeros, type Tensor } from 'adjoint';
import { scatter } from './plots';
import { numbers, show, type Result } from './show';

const NOISE = 2;
const BATCH = 64;

/** Real points: on a ring, a little blurred. */
function ring(count: number): Tensor {
  const angle = rand([count]).mul(2 * Math.PI);
  return stack([angle.cos(), angle.sin()], 1).add(randn([count, 2]).mul(0.05));
}

/** Both networks have two hidden layers. */
const network = (inputs: number, outputs: number): nn.Sequential =>
  new nn.Sequential(new nn.Linear(inputs, 32), new nn.Tanh(), new nn.Linear(32, 32), new nn.Tanh(), new nn.Linear(32, outputs));

export function run(count = 2000) {
  manualSeed(18);
  const [draw, judge] = [network(NOISE, 2), network(2, 1)];
  const drawing = new optim.Adam(draw.parameters(), { lr: 0.001, betas: [0.5, 0.999] });
  const judging = new optim.Adam(judge.parameters(), { lr: 0.002, betas: [0.5, 0.999] });
  const criterion = new nn.BCEWithLogitsLoss();
  const [real, fake] = [ones([BATCH, 1]), zeros([BATCH, 1])];
  const lossJudge: number[] = [];
  const lossDraw: number[] = [];

  for (const _ of steps(count)) {
    const drawn = draw(randn([BATCH, NOISE]));

    // The judge learns from real points and from drawn ones. What made these must not learn from
    // that: they are detached.
    judging.zeroGrad();
    const verdicts = judge(cat([ring(BATCH), drawn.detach()]));
    const error = criterion(verdicts, cat([real, fake]));
    error.backward();
    judging.step();

    // The other one learns to be taken for real.
    drawing.zeroGrad();
    const deceit = criterion(judge(drawn), real);
    deceit.backward();
    drawing.step();

    lossJudge.push(error.item());
    lossDraw.push(deceit.item());
  }
  const samples = noGrad(() => draw(randn([200, NOISE])));
  return { loss: lossDraw, lossJudge, real: numbers(ring(200)), drawn: numbers(samples) } satisfies Result;
}

export const pictures = ({ loss, lossJudge, real, drawn }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'who draws', y: loss }, { label: 'who judges', y: lossJudge }], {
    title: 'Two networks against each other',
    xLabel: 'step',
    yLabel: 'loss',
  }),
  points: scatter({ real, drawn }, 'Real points and drawn ones'),
});

show(import.meta.url, run, pictures);
