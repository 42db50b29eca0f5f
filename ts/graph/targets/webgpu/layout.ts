// Where the elements of a shape are in memory: strides and an offset, in elements.

/** A strided layout. */
export interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** How many elements a shape has. */
export function count(shape: readonly number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

/** Row after row without gaps. */
export function dense(shape: readonly number[]): Layout {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return { shape, strides, offset: 0 };
}

/** Whether elements are row after row without gaps, from the start. */
export function isDense({ shape, strides, offset }: Layout): boolean {
  const plain = dense(shape).strides;
  return offset === 0 && strides.every((stride, i) => stride === plain[i] || shape[i] === 1);
}

/** `dim` counted from the start. */
export function dimOf(dim: number, rank: number): number {
  return dim < 0 ? dim + rank : dim;
}

/** The layout repeated to `shape`, by the rules of broadcasting. */
export function expanded({ shape: from, strides, offset }: Layout, shape: readonly number[]): Layout {
  const lead = shape.length - from.length;
  return { shape, strides: shape.map((size, i) => (i < lead || (from[i - lead] === 1 && size !== 1) ? 0 : strides[i - lead]!)), offset };
}

/** With dims in another order. */
export function permuted({ shape, strides, offset }: Layout, dims: readonly number[]): Layout {
  return { shape: dims.map((d) => shape[d]!), strides: dims.map((d) => strides[d]!), offset };
}

/** `size` elements of a dim from `start`, each `step`th one. It may reach outside of what there is, where nothing reads. */
export function sliced({ shape, strides, offset }: Layout, dim: number, start: number, size: number, step = 1): Layout {
  return {
    shape: shape.map((n, i) => (i === dim ? size : n)),
    strides: strides.map((stride, i) => (i === dim ? stride * step : stride)),
    offset: offset + start * strides[dim]!,
  };
}

/** One element of a dim, which is no more. */
export function selected(layout: Layout, dim: number, at: number): Layout {
  const { shape, strides, offset } = sliced(layout, dim, at, 1);
  return { shape: shape.filter((_, i) => i !== dim), strides: strides.filter((_, i) => i !== dim), offset };
}

/** With dims along which one goes `strides` further in the layout's own dims: each a list of a number a dim. */
export function walked({ strides, offset }: Layout, shape: readonly number[], steps: readonly (readonly number[])[]): Layout {
  return { shape, strides: steps.map((step) => step.reduce((sum, n, i) => sum + n * strides[i]!, 0)), offset };
}

/** The same elements in the same order with another shape; null where strides cannot say it. */
export function reshaped({ shape: from, strides, offset }: Layout, shape: readonly number[]): Layout | null {
  if (count(shape) === 0) return dense(shape);
  // Runs of dims that are one step apart.
  const runs: { size: number; stride: number }[] = [];
  from.forEach((size, i) => {
    if (size === 1) return;
    const last = runs.at(-1);
    if (last !== undefined && last.stride === strides[i]! * size) {
      last.size *= size;
      last.stride = strides[i]!;
    } else runs.push({ size, stride: strides[i]! });
  });
  const out = new Array<number>(shape.length).fill(0);
  let dim = shape.length - 1;
  for (const run of runs.reverse()) {
    let [size, stride] = [run.size, run.stride];
    while (size > 1) {
      if (dim < 0) return null;
      const wanted = shape[dim]!;
      if (wanted !== 1) {
        if (size % wanted !== 0) return null;
        out[dim] = stride;
        stride *= wanted;
        size /= wanted;
      }
      dim--;
    }
  }
  return { shape, strides: out, offset };
}

/** The shape that both broadcast to. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
