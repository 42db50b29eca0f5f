// Trains in short turns under the profiler, and says where time and memory go.
import { manualSeed, memoryStats, profiler, resetPeakMemory } from 'adjoint';
import { trainings } from '../../bench/subjects/models';
import type { Message, Request } from './inside-said';

const say = (message: Message): void => { self.postMessage(message); };

/** How long a turn is, in milliseconds. */
const TURN = 250;

let step: (() => unknown) | undefined;
let isOn = false;
let steps = 0;

function turn(): void {
  if (!isOn || step === undefined) return;
  let count = 0;
  resetPeakMemory();
  const profile = profiler.profile(() => {
    const start = performance.now();
    while (performance.now() - start < TURN) {
      step!();
      count += 1;
    }
  });
  steps += count;
  const rows = profile.keyAverages('selfTime').map(({ name, isBackward, calls, selfTime, selfBytes }) => ({ name, isBackward, calls: calls / count, time: selfTime / count, bytes: selfBytes / count }));
  const inside = rows.reduce((sum, { time }) => sum + time, 0);
  const { bytes, peakBytes } = memoryStats();
  say({ rows, steps, step: profile.duration / count, outside: Math.max(0, profile.duration / count - inside), alive: bytes, peak: peakBytes });
  setTimeout(turn);
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  try {
    if ('network' in request) {
      manualSeed(0);
      step = trainings[request.network]!();
      steps = 0;
      step();
      return;
    }
    const wasOn = isOn;
    isOn = request.isOn;
    if (isOn && !wasOn) turn();
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
};
