// The program of a worker in pages, whose address setNumThreads() is given.
import { help, type Given } from '../runtime/helping-thread';

const self = globalThis as unknown as { onmessage: ((event: MessageEvent<Given>) => void) | null; postMessage(what: string): void };

self.onmessage = ({ data }) => {
  help(data, (what) => { self.postMessage(what); });
};
