// Trains the network of the course's last chapter on a text of the visitor's, in short turns, and lets it write in between.
import { manualSeed, nn, optim, scope, type Tensor } from 'adjoint';
import chapter from '../../examples/course/22-character-gpt.ts?raw';
import tale from '../../examples/course/tale.txt?raw';
import { Course } from './course';
import type { Characters as CharactersOf } from '../../examples/course/data';
import type { GPT as Network } from '../../examples/course/22-character-gpt';
import type { Message, Request } from './gpt-said';

const say = (message: Message): void => { self.postMessage(message); };

const course = new Course({ print: () => undefined, picture: () => undefined });
const { GPT, CONTEXT } = course.evaluate(chapter) as { GPT: typeof Network; CONTEXT: number };
const { Characters, pieces } = course.load('./data') as unknown as {
  Characters: typeof CharactersOf;
  pieces: (ids: Tensor, batch: number, length: number) => [Tensor, Tensor];
};

/** How long a turn of training is, and how long between two samples, in milliseconds. */
const [TURN, BETWEEN] = [60, 1500];
const LENGTH = 120;

class Training {
  readonly #characters: CharactersOf;
  readonly #ids: Tensor;
  readonly #model: Network;
  readonly #optimizer: optim.AdamW;
  step = 0;
  isOn = false;
  prompt = '';
  #sampled = 0;

  constructor(readonly text: string) {
    if (text.length < 2 * CONTEXT) throw new Error(`the text has ${text.length} letters; it takes at least ${2 * CONTEXT}, better some thousand`);
    manualSeed(22);
    this.#characters = new Characters(text);
    this.#ids = this.#characters.encode(text);
    this.#model = new GPT(this.#characters.size);
    this.#optimizer = new optim.AdamW(this.#model.parameters(), { lr: 0.003, weightDecay: 0.1 });
  }

  get facts(): { letters: number; parameters: number; text: string } {
    return { letters: this.#characters.size, parameters: this.#model.parameters().reduce((sum, p) => sum + p.numel(), 0), text: this.text };
  }

  turn(): void {
    const start = performance.now();
    let [loss, steps] = [0, 0];
    while (performance.now() - start < TURN) {
      loss += this.#learn();
      steps += 1;
    }
    this.step += steps;
    say({ progress: { step: this.step, loss: loss / steps, perSecond: (1000 * steps) / (performance.now() - start) } });
    if (performance.now() - this.#sampled < BETWEEN) return;
    this.sample();
  }

  #learn(): number {
    return scope(() => {
      const [letters, next] = pieces(this.#ids, 16, CONTEXT);
      const error = nn.functional.crossEntropy(this.#model.call(letters).flatten(0, 1), next.flatten());
      this.#optimizer.zeroGrad();
      error.backward();
      this.#optimizer.step();
      return error.item();
    });
  }

  /** What the network writes now, going on from the prompt as far as its letters occur in the text. */
  sample(): void {
    this.#sampled = performance.now();
    const known = Array.from(this.prompt).filter((letter) => this.text.includes(letter)).join('') || this.text.slice(0, 8);
    const text = scope(() => this.#characters.decode(this.#model.write(this.#characters.encode(known), LENGTH).tolist().map(Number)));
    say({ sample: { step: this.step, text } });
  }
}

let training: Training | undefined;

function goOn(run: Training): void {
  if (!run.isOn || run !== training) return;
  run.turn();
  setTimeout(() => { goOn(run); });
}

function answer(request: Request): void {
  if ('text' in request) {
    const prompt = training?.prompt ?? '';
    training = new Training(request.text === '' ? tale : request.text);
    training.prompt = prompt;
    return say({ ready: training.facts });
  }
  if (training === undefined) return;
  if ('train' in request) {
    const wasOn = training.isOn;
    training.isOn = request.train;
    if (request.train && !wasOn) goOn(training);
    else if (wasOn && !request.train) training.sample();
  } else {
    training.prompt = request.prompt;
    if (training.step > 0) training.sample();
  }
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  try {
    answer(request);
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
};
