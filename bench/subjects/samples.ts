// How a workload is timed, in a process of the bench and in a page.

/** A prepared workload: one call of it. A promise is waited for within the time. */
export type Call = () => unknown;

/** Milliseconds of something that only grows. */
export type Clock = () => number;

/** Nanoseconds a call for each of `samples` samples of `calls` calls, by the clock on the wall or another. */
export async function samplesOf(call: Call, calls: number, samples: number, now: Clock = () => performance.now()): Promise<number[]> {
  const ns: number[] = [];
  for (let s = 0; s < samples; s++) {
    const start = now();
    for (let i = 0; i < calls; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    ns.push(((now() - start) * 1e6) / calls);
  }
  return ns;
}
