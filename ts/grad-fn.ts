// Nodes of the graph, to look at.
import { scratch } from './scratch';
import { dispose, inspect } from './symbols';
import { objectFor, type Tensor } from './tensor';
import { checked, isStarted, nodeName, wasm } from './wasm';

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<{ handle: number }>((held) => {
        if (held.handle > 0 && isStarted()) wasm().release_node(held.handle);
      });

/** A recorded operation: what made a tensor. Holding it keeps its part of the graph alive. */
export class GradFn implements Disposable {
  private readonly held: { handle: number };

  /** @internal */
  constructor(handle: number) {
    this.held = { handle };
    registry?.register(this, this.held);
  }

  /** PyTorch's name of the node, such as `MulBackward0`. */
  name(): string {
    return nodeName(this.held.handle);
  }

  /** The nodes its inputs came from, with the number of their output; null where no gradient is wanted. */
  get nextFunctions(): readonly (readonly [GradFn | null, number])[] {
    const count = checked(wasm().node_next(this.held.handle));
    const words = Array.from(scratch(0).subarray(0, 2 * count));
    return Array.from({ length: count }, (_, i) => {
      const handle = words[2 * i]!;
      return [handle === 0 ? null : new GradFn(handle), words[2 * i + 1]!] as const;
    });
  }

  /** The leaf whose `.grad` the node fills, for the ends of a graph. */
  get variable(): Tensor | null {
    const handle = checked(wasm().node_variable(this.held.handle));
    return handle === 0 ? null : objectFor(handle);
  }

  /** Lets go of the graph. */
  dispose(): void {
    const { handle } = this.held;
    this.held.handle = 0;
    if (handle > 0) wasm().release_node(handle);
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `<${this.name()}>`;
  }

  /** As Node shows it. */
  [inspect](): string {
    return this.toString();
  }
}
