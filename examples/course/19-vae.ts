// 19. A variational autoencoder: images become places in a small space from which new images can be
// drawn.
import { data, manualSeed, nn, noGrad, optim, randn, randnLike, viz, type Tensor } from 'adjoint';
import { digits } from './data';
import { imageRow } from './plots';
import { numbers, show, type Result } from './show';

const SIDE = 14;
const LATENT = 8;

class VAE extends nn.Module {
  encoder = new nn.Sequential(new nn.Linear(SIDE * SIDE, 128), new nn.ReLU(), new nn.Linear(128, 2 * LATENT));
  decoder = new nn.Sequential(new nn.Linear(LATENT, 128), new nn.ReLU(), new nn.Linear(128, SIDE * SIDE));

  override forward(x: Tensor): [logits: Tensor, mean: Tensor, logVariance: Tensor] {
    const [mean, logVariance] = this.encoder(x).chunk(2, 1) as [Tensor, Tensor];
    // A sample has no gradient; a mean and a spread times noise has one, and is the same.
    const z = mean.add(logVariance.div(2).exp().mul(randnLike(mean)));
    return [this.decoder(z), mean, logVariance];
  }
}

export function run(epochs = 20, count = 2000) {
  manualSeed(19);
  const [images, labels] = digits('train', count).tensors as [Tensor, Tensor];
  const small = nn.functional.avgPool2d(images, 2).flatten(1);
  const loader = new data.DataLoader(new data.TensorDataset(small, labels), { batchSize: 100, shuffle: true });
  const model = new VAE();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.002 });
  const history = { loss: [] as number[], reconstruction: [] as number[], divergence: [] as number[] };

  for (let epoch = 0; epoch < epochs; epoch++) {
    let [lost, far] = [0, 0];
    for (const [batch] of loader) {
      const [logits, mean, logVariance] = model(batch);
      // How unlikely the image is after all this, and how far its place is from a standard normal
      // one.
      const reconstruction = nn.functional.binaryCrossEntropyWithLogits(logits, batch, { reduction: 'sum' }).div(100);
      const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum().div(2 * 100);
      const loss = reconstruction.add(divergence);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      lost += reconstruction.item();
      far += divergence.item();
    }
    history.reconstruction.push(lost / loader.length);
    history.divergence.push(far / loader.length);
    history.loss.push((lost + far) / loader.length);
  }
  const drawn = noGrad(() => model.decoder(randn([8, LATENT])).sigmoid());
  return { ...history, drawn: numbers(drawn) } satisfies Result;
}

export const pictures = ({ loss, reconstruction, divergence, drawn }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }, { label: 'reconstruction', y: reconstruction }, { label: 'divergence', y: divergence }], {
    title: 'A variational autoencoder',
    xLabel: 'epoch',
    yLabel: 'nats an image',
  }),
  drawn: imageRow(drawn, SIDE, 'Images that were never there'),
});

show(import.meta.url, run, pictures);
