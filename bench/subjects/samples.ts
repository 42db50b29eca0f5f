// How a workload is timed, in a process of the bench and in a page.

/** A prepared workload: one call of it. A promise is waited for within the time. */
export type Call = () => unknown;

/** Nanoseconds a call for each of `samples` samples of `calls` calls. */
export async function samplesOf(call: Call, calls: number, samples: number): Promise<number[]> {
  const ns: number[] = [];
  for (let s = 0; s < samples; s++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    ns.push(((performance.now() - start) * 1e6) / calls);
  }
  return ns;
}
