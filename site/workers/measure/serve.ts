// How the page that measures talks to the worker of a library: as the bench does with its processes, one workload prepared at a time.
import { samplesOf, type Call } from '../../../bench/subjects/samples';

export type Request = { readonly prepare: string } | { readonly calls: number; readonly samples: number };

export type Answer =
  | { readonly about: { readonly name: string; readonly version: string; readonly backend: string } }
  | { readonly ok: true }
  | { readonly skip: string }
  /** Nanoseconds a call. */
  | { readonly ns: readonly number[] };

const say = (answer: Answer): void => { self.postMessage(answer); };

const short = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200);

/** Answers the page; `about` is what the library says of itself once it is ready. */
export async function serve(about: () => Promise<{ name: string; version: string; backend: string }>, workloads: Readonly<Record<string, () => Call | Promise<Call>>>): Promise<void> {
  let call: Call | null = null;
  self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
    try {
      if ('calls' in request) return say({ ns: await samplesOf(call!, request.calls, request.samples) });
      call = null;
      const make = workloads[request.prepare];
      if (make === undefined) return say({ skip: 'it has no such workload' });
      call = await make();
      const first = call();
      if (first instanceof Promise) await first;
      say({ ok: true });
    } catch (error) {
      say({ skip: short(error) });
    }
  };
  try {
    say({ about: await about() });
  } catch (error) {
    say({ skip: short(error) });
  }
}
