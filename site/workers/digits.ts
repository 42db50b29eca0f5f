// Trains on handwritten digits in short turns, so that it can be stopped, asked, moved to other processors and gone on with in between.
import { getNumThreads, reset, setNumThreads } from 'adjoint';
import threadsBinary from 'adjoint/adjoint.threads.simd128.wasm?url';
import threadAddress from 'adjoint/thread?worker&url';
import { abilities } from './abilities';
import { loadDigits } from './digits-file';
import type { Message, Request } from './digits-said';
import { Training, fromTheStart } from './digits-training';

const say = (message: Message): void => { self.postMessage(message); };

let training: Training | undefined;
let isOn = false;
/** The name of the graphics card that trains; null where the processor does. */
let device: string | null = null;
/** Whether the binary that runs is the one with threads, which may run on one as well. */
let hasThreads = false;

const tell = (): void => { say({ on: { threads: getNumThreads(), gpu: device } }); };

/** Turns and requests happen one after the other, as some wait for the graphics card. */
let queue = Promise.resolve();

function later(what: () => Promise<void>): void {
  queue = queue.then(what).catch((error: unknown) => {
    isOn = false;
    say({ failed: error instanceof Error ? error.message : String(error) });
    tell();
  });
}

/** Trains turn by turn until it is told to stop; between two turns messages are read. */
function goOn(run: Training): void {
  later(async () => {
    if (!isOn || run !== training) return;
    say({ progress: await run.turn() });
    setTimeout(() => { goOn(run); });
  });
}

function use(next: Training): void {
  training = next;
  if (isOn) goOn(next);
}

/** The first time, another binary takes the place of the one that runs, and the training goes on in that. */
async function spread(count: number): Promise<void> {
  const options = { binary: new URL(threadsBinary, location.href), worker: new URL(threadAddress, location.href) };
  if (count > 1 && !hasThreads) {
    const kept = await training!.keep();
    reset();
    await setNumThreads(count, options);
    hasThreads = true;
    use(new Training(kept));
  } else await setNumThreads(count, options);
}
async function move(toDevice: boolean): Promise<void> {
  if (toDevice) device = await training!.toDevice();
  else {
    await training!.toProcessor();
    device = null;
  }
}

async function answer(request: Request): Promise<void> {
  if ('load' in request) {
    await loadDigits(request.load);
    use(fromTheStart());
    return say({ ready: true, abilities: await abilities() });
  }
  const run = training!;
  if ('train' in request) {
    const wasOn = isOn;
    isOn = request.train;
    if (isOn && !wasOn) goOn(run);
  } else if ('restart' in request) {
    isOn = false;
    const wasOnDevice = device !== null;
    if (wasOnDevice) await run.toProcessor();
    use(fromTheStart());
    if (wasOnDevice) await training!.toDevice();
    say({ restarted: true });
  } else if ('threads' in request || 'gpu' in request) {
    if ('threads' in request) await spread(request.threads);
    else await move(request.gpu);
    tell();
  } else {
    await run.sync();
    if ('read' in request) say({ probabilities: run.read(request.read) });
    else if ('look' in request) say(run.look());
    else say({ file: run.weights() });
  }
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  later(() => answer(request));
};
