// A page that trains: on the page itself, a bit in every frame, with a picture of what the network says; or in a Worker.
import { linspace, manualSeed, noGrad, scope, stack } from 'adjoint';
import { Net, spirals, train, type Progress } from './spiral';

const STEPS = 1500;
const SIZE = 120;

const byId = (id: string): HTMLElement => document.getElementById(id)!;
const show = (where: string, { step, loss, accuracy }: Progress): void => {
  byId('status').textContent = `${where}: step ${step}, loss ${loss.toFixed(4)}, ${(100 * accuracy).toFixed(1)} % right`;
};

/** Paints how sure the network is of either spiral over the square from −1.1 to 1.1. */
function paint(model: Net, context: CanvasRenderingContext2D): void {
  const sure = scope(() =>
    noGrad(() => {
      const line = linspace(-1.1, 1.1, SIZE);
      const x = line.unsqueeze(0).expand([SIZE, SIZE]).reshape([-1]);
      const y = line.unsqueeze(1).expand([SIZE, SIZE]).reshape([-1]);
      return model(stack([x, y], 1)).softmax(1).select(1, 1).toTypedArray();
    }),
  );
  const image = context.createImageData(SIZE, SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const p = Number(sure[i]);
    image.data.set([255 * p, 120, 255 * (1 - p), 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function trainHere(): void {
  manualSeed(0);
  const model = new Net();
  const run = train(model, spirals(100), STEPS);
  const context = (byId('picture') as HTMLCanvasElement).getContext('2d')!;
  const frame = (): void => {
    const { value, done } = run.next();
    if (done === true) return;
    show('here', value);
    paint(model, context);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function trainInWorker(): void {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Progress>) => {
    show('in a worker', data);
    if (data.step === STEPS) worker.terminate();
  };
  worker.postMessage({ steps: STEPS });
}

byId('here').onclick = trainHere;
byId('worker').onclick = trainInWorker;
