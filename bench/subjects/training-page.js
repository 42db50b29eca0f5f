// A page that trains: what a bundler makes of it is what a visitor downloads.
import { manualSeed, nn, optim, randn, scope } from 'adjoint';

manualSeed(0);
const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const [x, y] = [randn([64, 2]), randn([64, 1])];
for (let step = 0; step < 100; step++) {
  scope(() => {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.call(x), y);
    loss.backward();
    optimizer.step();
    globalThis.document.title = String(loss.item());
  });
}
