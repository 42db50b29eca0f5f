// A network that learns handwritten digits in short turns, on the processor or on the graphics card.
import { compile, data, io, manualSeed, memoryStats, nn, noGrad, optim, scope, tensor, type GpuFunction, type Tensor } from 'adjoint';
import { normalized } from '../../examples/normalized';
import { network } from '../../examples/serving/classifier';
import { mnist } from './digits-file';
import type { Mistake, Progress } from './digits-said';

const BATCH = 64;
/** How long a turn of training is, in milliseconds: messages wait no longer. */
const TURN = 40;
/** How many steps are handed to the graphics card before a loss is read. */
const AT_A_TIME = 16;

/** What a training can go on from in another instance of the library: plain bytes and numbers. */
export interface Kept {
  readonly weights: Uint8Array;
  readonly momenta: Uint8Array | null;
  readonly step: number;
  readonly epoch: number;
}

/** A network that is being trained. */
export class Training {
  readonly #model = network();
  readonly #optimizer = new optim.SGD(this.#model.parameters(), { lr: 0.05, momentum: 0.9 });
  readonly #train = mnist('train');
  readonly #test = mnist('t10k');
  #batches: Iterator<Tensor[]> | undefined;
  #device: GpuFunction | undefined;
  step = 0;
  epoch = 0;

  /** The step as a program; captured at its first call on the graphics card. */
  readonly #learn = (images: Tensor, labels: Tensor): Tensor => {
    const loss = nn.functional.crossEntropy(this.#model(images), labels);
    this.#optimizer.zeroGrad();
    loss.backward();
    this.#optimizer.step();
    return loss;
  };

  constructor(from?: Kept) {
    if (from === undefined) return;
    scope(() => {
      this.#model.loadStateDict(io.loadSafetensors(from.weights));
      if (from.momenta === null) return;
      const momenta = io.loadSafetensors(from.momenta);
      const state = Object.fromEntries(Object.entries(momenta).map(([i, t]) => [Number(i), { momentum_buffer: t }]));
      this.#optimizer.loadStateDict({ ...this.#optimizer.stateDict(), state });
    });
    [this.step, this.epoch] = [from.step, from.epoch];
  }

  /** What `new Training()` goes on from, when this instance of the library is gone. */
  async keep(): Promise<Kept> {
    await this.#device?.sync();
    const { state } = this.#optimizer.stateDict();
    const momenta = Object.entries(state).flatMap(([i, { momentum_buffer: momentum }]) => (momentum ? [[i, momentum as Tensor] as const] : []));
    return { weights: this.weights(), momenta: momenta.length === 0 ? null : io.saveSafetensors(Object.fromEntries(momenta)), step: this.step, epoch: this.epoch };
  }

  weights(): Uint8Array {
    return io.saveSafetensors(this.#model.stateDict());
  }

  /** Goes on with the graphics card; returns its name. */
  async toDevice(): Promise<string> {
    const learn = compile(this.#learn);
    // Captured on a batch that is learned here, a step like others; the very first, which begins the momenta, is none to repeat.
    for (const step of this.step === 0 ? [this.#learn, learn] : [learn]) {
      const [images, labels] = this.#next() ?? this.#next()!;
      scope(() => { step(normalized(images!), labels!); });
      this.step += 1;
    }
    this.#device = await learn.to('webgpu');
    return this.#device.device;
  }

  async toProcessor(): Promise<void> {
    await this.#device?.sync();
    this.#device?.dispose();
    this.#device = undefined;
  }

  /** The next batch; null at the end of an epoch. */
  #next(): Tensor[] | null {
    this.#batches ??= new data.DataLoader(this.#train, { batchSize: BATCH, shuffle: true, dropLast: true })[Symbol.iterator]();
    const { value, done } = this.#batches.next();
    if (done !== true) return value;
    this.#batches = undefined;
    this.epoch += 1;
    return null;
  }

  /** Trains for a turn; returns what to show. */
  async turn(): Promise<Progress> {
    const start = performance.now();
    let [loss, steps, isEpoch] = [0, 0, false];
    if (this.#device === undefined) {
      while (performance.now() - start < TURN && !isEpoch) {
        const batch = this.#next();
        isEpoch = batch === null;
        if (batch === null) break;
        loss += scope(() => this.#learn(normalized(batch[0]!), batch[1]!).item());
        steps += 1;
      }
      loss /= steps;
    } else {
      let last: Promise<number> | undefined;
      while (steps < AT_A_TIME && !isEpoch) {
        const batch = this.#next();
        isEpoch = batch === null;
        if (batch === null) break;
        const run = scope(() => this.#device!.run(normalized(batch[0]!), batch[1]!));
        steps += 1;
        if (steps === AT_A_TIME) last = run.item();
      }
      loss = (await last) ?? NaN;
    }
    this.step += steps;
    const seconds = (performance.now() - start) / 1000;
    if (isEpoch) await this.#device?.sync();
    return {
      step: this.step,
      epoch: this.epoch,
      loss,
      perSecond: (steps * BATCH) / seconds,
      tensors: memoryStats().tensors,
      accuracy: isEpoch ? this.#accuracy() : null,
    };
  }

  /** The part of the test images that are read correctly. */
  #accuracy(): number {
    return scope(() => noGrad(() => {
      const [images, labels] = this.#test.tensors as [Tensor, Tensor];
      return this.#model(normalized(images)).argmax(1).eq(labels).to('float32').mean().item();
    }));
  }

  /** Brings what was learned on the graphics card back, for those who look at it. */
  async sync(): Promise<void> {
    await this.#device?.sync();
  }

  read(pixels: readonly number[]): number[] {
    return scope(() => noGrad(() => this.#model(normalized(tensor([pixels]))).softmax(1).index(0).tolist() as number[]));
  }

  /** The weights of the first 16 hidden units, and the first 12 mistakes on test images. */
  look(): { weights: number[][]; mistakes: Mistake[] } {
    return scope(() => noGrad(() => {
      const weights = (this.#model.at(0) as nn.Linear).weight.narrow(0, 0, 16).tolist() as number[][];
      const [images, labels] = this.#test.tensors as [Tensor, Tensor];
      const said = this.#model(normalized(images)).argmax(1);
      const wrong = (said.ne(labels).nonzero().flatten().to('float32').tolist() as number[]).slice(0, 12);
      const at = (list: Tensor, i: number): number => list.index(i).to('float32').item();
      return {
        weights,
        mistakes: wrong.map((i) => ({ pixels: images.index(i).to('float32').tolist() as number[], said: at(said, i), digit: at(labels, i) })),
      };
    }));
  }
}

/** A training from the start, the same each time. */
export function fromTheStart(): Training {
  manualSeed(0);
  return new Training();
}
