// The same function twice: implicitly, as ordinary code, and explicitly, as a graph that was captured once.
import { capture, tensor, type Tensor } from 'adjoint';
import { dot, type Case } from './case';

function squaredError(x: Tensor, w: Tensor, y: Tensor): Tensor {
  return x.dot(w).sub(y).pow(2);
}

const captured: Case = {
  title: 'Explicit and implicit graphs',
  text: ['z = (⟨x, w⟩ − y)² captured on one input as a record of operations, then run on another; gradients flow through both'],
  run() {
    const x = [1, 2, 3];
    const at = [0.5, -1, 2];
    const other = [2, 0, -1];
    const graph = capture(squaredError, tensor(other), tensor(other), tensor(0));
    const residual = dot(x, at) - 1.5;
    const wantedGradient = at.map((_, i) => 2 * residual * x[i]!);
    const run = (fn: (x: Tensor, w: Tensor, y: Tensor) => Tensor): { z: number; dw: number[] } => {
      const w = tensor(at, { requiresGrad: true });
      const z = fn(tensor(x), w, tensor(1.5));
      z.backward();
      return { z: z.item(), dw: w.grad!.tolist() as number[] };
    };
    const implicit = run(squaredError);
    const explicit = run((...inputs) => graph.run(...inputs));
    const note = String(graph);
    graph.dispose();
    return [
      { what: 'z, implicit', value: implicit.z, closed: residual ** 2 },
      { what: '∂z/∂w, implicit', value: implicit.dw, closed: wantedGradient },
      { what: 'z, explicit', value: explicit.z, closed: residual ** 2 },
      { what: '∂z/∂w, explicit', value: explicit.dw, closed: wantedGradient, note },
    ];
  },
};

/** The captured record beside the code it came from. */
export const explicitGraph: readonly Case[] = [captured];
