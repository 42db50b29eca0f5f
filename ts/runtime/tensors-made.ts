// Work that waits for the next tensors to be made: what must be looked at soon, but has no call of its own to do it in.

/** How many of the next tensors `work` is run for; 0 nearly always, which is all that making a tensor costs. */
export let awaited = 0;
let work: () => void = () => undefined;

/** Runs `run` before each of the next `count` tensors is made. There is one such piece of work. */
export function beforeNextTensors(count: number, run: () => void): void {
  awaited = count;
  work = run;
}

/** A tensor is about to be made. */
export function aboutToMake(): void {
  awaited -= 1;
  work();
}
