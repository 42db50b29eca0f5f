// The same training in a Worker: the page stays free, and only plain numbers cross.
import { manualSeed } from 'adjoint';
import { Net, spirals, train } from './spiral';

/** What a Worker's global scope has of what is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<{ steps: number }>) => void) | null;
  postMessage(message: unknown): void;
}

const worker = globalThis as unknown as WorkerScope;

worker.onmessage = ({ data }) => {
  manualSeed(0);
  for (const progress of train(new Net(), spirals(100), data.steps)) worker.postMessage(progress);
};
