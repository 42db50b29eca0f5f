// One function in five forms: as it is written, built as an explicit graph, lazily, by a plan, and in parallel. All give the same bits.
import { LoadError, autograd, capture, getNumThreads, lazy, manualSeed, randn, scope, setNumThreads, type Tensor } from 'adjoint';

/** z = Σ tanh(x W / 16), with x 64 × 256 and W 256 × 256. */
function f(x: Tensor, w: Tensor): Tensor {
  return x.matmul(w).div(16).tanh().sum();
}

/** What a form gives: the value, and the gradient by W where it has one. */
export interface Form {
  readonly name: string;
  readonly value: number;
  readonly gradient: readonly number[] | null;
  /** More to show. */
  readonly note: string;
}

/** The function as a graph that is made once and differentiated in it. */
const step = (x: Tensor, w: Tensor): Tensor[] => {
  const z = f(x, w);
  return [z, ...autograd.grad(z, [w])];
};

const numbers = (t: Tensor): number[] => Array.from(t.detach().toTypedArray() as Float32Array);

/** Calls `use` with x and W. */
function given<T>(use: (x: Tensor, w: Tensor) => T): T {
  return scope(() => {
    manualSeed(1);
    return use(randn([64, 256]), randn([256, 256], { requiresGrad: true }));
  });
}

const withGradient = (name: string, note: string, [z, g]: Tensor[]): Form => ({ name, note, value: z!.item(), gradient: numbers(g!) });

function implicit(name: string, note: string): Form {
  return given((x, w) => withGradient(name, note, step(x, w)));
}

/** The forms that need no other thread. */
export function forms(): Form[] {
  return [
    implicit('as it is written', 'the graph is there once the function has run'),
    given((x, w) => {
      const graph = capture(step, x, w);
      // The first run goes call by call.
      const form = withGradient('explicit', String(graph), graph.runAll(x, w));
      graph.dispose();
      return form;
    }),
    given((x, w) => {
      const [z, unread] = lazy(() => [f(x, w), x.matmul(w).exp().sum()]);
      const value = z.item();
      return { name: 'lazily', value, gradient: null, note: `computed when item() asked for it; a tensor of shape [${unread.shape.join(', ')}] beside it, which nothing reads, never is` };
    }),
    given((x, w) => {
      const graph = capture(step, x, w);
      graph.runAll(x, w);
      const form = withGradient('planned', String(graph.plan), graph.runAll(x, w));
      graph.dispose();
      return form;
    }),
  ];
}

/** The function on two threads; null, and why, where there are none. */
export async function parallel(): Promise<Form | string> {
  try {
    await setNumThreads(2);
  } catch (error) {
    if (error instanceof LoadError) return `no threads here: ${error.message}`;
    throw error;
  }
  const form = implicit('in parallel', `${getNumThreads()} threads share the loops`);
  await setNumThreads(1);
  return form;
}

/** Prints all forms; returns whether they have the bits of the first. */
export async function showForms(): Promise<boolean> {
  console.log('\nOne function in five forms');
  const [first, ...others] = forms();
  const threads = await parallel();
  let isSame = true;
  for (const form of [first!, ...others, ...(typeof threads === 'string' ? [] : [threads])]) {
    const same = form.value === first!.value && (form.gradient === null || form.gradient.every((v, i) => v === first!.gradient![i]));
    isSame &&= same;
    console.log(`\n${form.name}: z = ${form.value}   ${same ? 'the same bits' : 'DIFFERS'}`);
    console.log(form.note.replace(/^/gm, '     '));
  }
  if (typeof threads === 'string') console.log(`\nin parallel: ${threads.split('\n')[0]}`);
  return isSame;
}
