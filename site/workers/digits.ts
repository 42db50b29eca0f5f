// Trains on handwritten digits in short turns, so that it can be stopped, asked and gone on with in between.
import { data, io, manualSeed, memoryStats, nn, noGrad, optim, scope, tensor, type Tensor } from 'adjoint';
import { normalized } from '../../examples/normalized';
import { network } from '../../examples/serving/classifier';
import { abilities, setThreads, type Abilities } from './abilities';
import { loadDigits, mnist } from './digits-file';

/** What the page asks for. */
export type Request =
  | { readonly load: string }
  | { readonly train: boolean }
  | { readonly restart: true }
  | { readonly threads: number }
  | { readonly read: number[] }
  | { readonly look: true }
  | { readonly save: true };

/** How far the training is. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly perSecond: number;
  readonly tensors: number;
  /** The part of 2,000 other images that are read correctly; null between tests. */
  readonly accuracy: number | null;
}

/** An image that was read wrongly. */
export interface Mistake {
  readonly pixels: number[];
  readonly said: number;
  readonly digit: number;
}

/** What the worker says. */
export type Message =
  | { readonly ready: true; readonly abilities: Abilities }
  /** What comes after this is said of the new training. */
  | { readonly restarted: true }
  | { readonly progress: Progress }
  | { readonly probabilities: number[] }
  | { readonly weights: number[][]; readonly mistakes: Mistake[] }
  | { readonly file: Uint8Array }
  | { readonly failed: string };

const BATCH = 64;
/** How long a turn of training is, in milliseconds: messages wait no longer. */
const TURN = 40;

const say = (message: Message): void => { self.postMessage(message); };

/** A network that is being trained. */
class Training {
  readonly model = network();
  readonly #optimizer = new optim.SGD(this.model.parameters(), { lr: 0.05, momentum: 0.9 });
  readonly #train = mnist('train');
  readonly #test = mnist('t10k');
  #batches: Iterator<Tensor[]> | undefined;
  step = 0;
  epoch = 0;
  isOn = false;

  /** Trains for a turn; returns what to show. */
  turn(): Progress {
    const start = performance.now();
    let [images, loss] = [0, 0];
    let steps = 0;
    let isEpoch = false;
    while (performance.now() - start < TURN && !isEpoch) {
      this.#batches ??= new data.DataLoader(this.#train, { batchSize: BATCH, shuffle: true, dropLast: true })[Symbol.iterator]();
      const { value, done } = this.#batches.next();
      if (done === true) {
        this.#batches = undefined;
        this.epoch += 1;
        isEpoch = true;
        break;
      }
      loss += this.#learn(value[0]!, value[1]!);
      images += BATCH;
      steps += 1;
      this.step += 1;
    }
    const seconds = (performance.now() - start) / 1000;
    return {
      step: this.step,
      epoch: this.epoch,
      loss: steps > 0 ? loss / steps : NaN,
      perSecond: images / seconds,
      tensors: memoryStats().tensors,
      accuracy: isEpoch ? this.accuracy() : null,
    };
  }

  #learn(images: Tensor, labels: Tensor): number {
    return scope(() => {
      const loss = nn.functional.crossEntropy(this.model(normalized(images)), labels);
      this.#optimizer.zeroGrad();
      loss.backward();
      this.#optimizer.step();
      return loss.item();
    });
  }

  /** The part of the test images that are read correctly. */
  accuracy(): number {
    return scope(() => noGrad(() => {
      const [images, labels] = this.#test.tensors as [Tensor, Tensor];
      return this.model(normalized(images)).argmax(1).eq(labels).to('float32').mean().item();
    }));
  }

  read(pixels: readonly number[]): number[] {
    return scope(() => noGrad(() => this.model(normalized(tensor([pixels]))).softmax(1).index(0).tolist() as number[]));
  }

  /** The weights of the first 16 hidden units, and the first 12 mistakes on test images. */
  look(): { weights: number[][]; mistakes: Mistake[] } {
    return scope(() => noGrad(() => {
      const weights = (this.model.at(0) as nn.Linear).weight.narrow(0, 0, 16).tolist() as number[][];
      const [images, labels] = this.#test.tensors as [Tensor, Tensor];
      const said = this.model(normalized(images)).argmax(1);
      const wrong = (said.ne(labels).nonzero().flatten().to('float32').tolist() as number[]).slice(0, 12);
      const at = (list: Tensor, i: number): number => list.index(i).to('float32').item();
      return {
        weights,
        mistakes: wrong.map((i) => ({ pixels: images.index(i).to('float32').tolist() as number[], said: at(said, i), digit: at(labels, i) })),
      };
    }));
  }
}

let training: Training | undefined;

function begin(): Training {
  manualSeed(0);
  return (training = new Training());
}

/** Trains turn by turn until it is told to stop or another training took the place. */
function goOn(run: Training): void {
  if (!run.isOn || run !== training) return;
  say({ progress: run.turn() });
  setTimeout(() => { goOn(run); });
}

async function answer(request: Request): Promise<void> {
  if ('load' in request) {
    await loadDigits(request.load);
    begin();
    return say({ ready: true, abilities: abilities() });
  }
  if ('threads' in request) return setThreads(request.threads);
  const run = training ?? begin();
  if ('train' in request) {
    const wasOn = run.isOn;
    run.isOn = request.train;
    if (request.train && !wasOn) goOn(run);
  } else if ('restart' in request) {
    run.isOn = false;
    begin();
    say({ restarted: true });
  } else if ('read' in request) say({ probabilities: run.read(request.read) });
  else if ('look' in request) say(run.look());
  else say({ file: io.saveSafetensors(run.model.stateDict()) });
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  answer(request).catch((error: unknown) => { say({ failed: error instanceof Error ? error.message : String(error) }); });
};
