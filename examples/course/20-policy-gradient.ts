// 20. A policy gradient: whatever was done before it went well is done more often. A pole on a cart
// stays up for longer and longer.
import { distributions, manualSeed, nn, optim, rand, stack, steps, tensor, viz, type Tensor } from 'adjoint';
import { show, type Result } from './show';

/** A cart that is pushed left or right, so that the pole on it does not fall. */
class CartPole {
  /** Place and speed of the cart, angle and angular speed of the pole. */
  state: [number, number, number, number];

  constructor() {
    this.state = rand([4]).mul(0.1).sub(0.05).tolist() as [number, number, number, number];
  }

  /** Pushes for a fiftieth of a second; returns whether the pole still stands. */
  push(toTheRight: boolean): boolean {
    const [x, v, angle, spin] = this.state;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    // A cart of 1 kg, a pole of 0.1 kg and 1 m, a push of 10 N.
    const pull = ((toTheRight ? 10 : -10) + 0.05 * spin * spin * sin) / 1.1;
    const turning = (9.8 * sin - cos * pull) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1));
    const acceleration = pull - (0.05 * turning * cos) / 1.1;
    this.state = [x + 0.02 * v, v + 0.02 * acceleration, angle + 0.02 * spin, spin + 0.02 * turning];
    return Math.abs(this.state[0]) < 2.4 && Math.abs(this.state[2]) < 0.2095;
  }
}

/**
 * What is still to come at every moment, when later rewards count for less; made mean 0 and
 * variance 1.
 */
function returns(rewards: readonly number[]): Tensor {
  let ahead = 0;
  const found = [...rewards].reverse().map((reward) => (ahead = reward + 0.99 * ahead)).reverse();
  const values = tensor(found);
  return values.sub(values.mean()).div(values.std().add(1e-6));
}

export function run(episodes = 200) {
  manualSeed(20);
  const policy = new nn.Sequential(new nn.Linear(4, 64), new nn.Tanh(), new nn.Linear(64, 2));
  const optimizer = new optim.Adam(policy.parameters(), { lr: 0.01 });
  const length: number[] = [];
  const losses: number[] = [];

  for (const _ of steps(episodes)) {
    const world = new CartPole();
    const logProbs: Tensor[] = [];
    const rewards: number[] = [];
    let stands = true;
    while (stands && rewards.length < 200) {
      const choice = new distributions.Categorical({ logits: policy(tensor(world.state)) });
      const action = choice.sample();
      logProbs.push(choice.logProb(action));
      stands = world.push(action.item() === 1);
      rewards.push(1);
    }
    // The gradient of how likely the actions were, each as much as what came after was better than
    // usual.
    const loss = stack(logProbs).mul(returns(rewards)).sum().neg();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    length.push(rewards.length);
  }
  return { loss: losses, length } satisfies Result;
}

export const pictures = ({ length }: ReturnType<typeof run>) => ({
  length: viz.lineChart(
    [
      { label: 'each episode', y: length },
      { label: 'mean of 20', y: length.map((_, i) => length.slice(Math.max(0, i - 19), i + 1).reduce((a, b) => a + b) / Math.min(20, i + 1)) },
    ],
    { title: 'How long the pole stays up', xLabel: 'episode', yLabel: 'fiftieths of a second' },
  ),
});

show(import.meta.url, run, pictures);
