// Runs the record of a formula call by call, and writes down what a page shows: values, gradients on every edge, tangents, bytes.
import type { CapturedCall, CapturedRecord, Tensor } from 'adjoint';
import { short } from '../../../ts/viz/numbers';
import { runCall, type Library, type Operand, type Operations } from './call';
import type { Question, Read, Step, Trace, Value } from './trace-data';

/** More calls than anyone steps through. */
const MOST_STEPS = 200;

export type Formula = (...inputs: Tensor[]) => Tensor;

/** Text of a number that a record has in place of a tensor. */
const numberOf = (text: string): number | boolean => (text === 'true' || text === 'false' ? text === 'true' : Number(text.replace('inf', 'Infinity')));

const write = (t: Tensor): string => short(t.detach().tolist() as number[]);

/** A formula that was recorded, with what it takes to run it again in other ways. */
class Replay {
  readonly record: CapturedRecord;
  readonly #numbers: ReadonlyMap<number, number | boolean>;
  readonly constants: ReadonlyMap<number, Tensor>;
  readonly #lastRead = new Map<number, number>();

  constructor(
    readonly library: Library,
    readonly operations: Operations,
    formula: Formula,
    readonly leaves: readonly Tensor[],
    readonly detached: readonly number[],
  ) {
    const program = library.capture(formula, ...leaves);
    this.record = program.record;
    const { records, constants, outputs } = this.record;
    if (records.length > MOST_STEPS) throw new Error(`the formula takes ${records.length} steps; up to ${MOST_STEPS} can be shown`);
    if (outputs.length !== 1) throw new Error(`the formula must return one tensor, got ${outputs.length}`);
    this.#numbers = new Map(constants.flatMap(({ value, number }) => (number === undefined ? [] : [[value, numberOf(number)] as const])));
    this.constants = new Map(constants.filter(({ value }) => !this.#numbers.has(value)).map(({ value }) => [value, program.constant(value)]));
    records.forEach(({ inputs }, step) => inputs.forEach((value) => value !== null && this.#lastRead.set(value, step)));
    program.dispose();
  }

  get result(): number {
    return this.record.outputs[0]!;
  }

  numberText(value: number): string | null {
    const number = this.#numbers.get(value);
    return number === undefined ? null : String(number);
  }

  /** The inputs and constants by value. */
  given(leaves = this.leaves): Map<number, Tensor> {
    return new Map([...this.record.inputs.map((value, i) => [value, leaves[i]!] as const), ...this.constants]);
  }

  /** What a step reads. */
  #operands({ inputs }: CapturedCall, values: ReadonlyMap<number, Tensor>): Operand[] {
    return inputs.map((value) => (value === null ? null : (this.#numbers.get(value) ?? values.get(value)!)));
  }

  /**
   * Runs all calls; `values` gets what they make. `read` may put another tensor in the place of one that a call reads.
   */
  run(values: Map<number, Tensor>, read: (t: Tensor, step: number, place: number) => Tensor = (t) => t, after: (step: number) => void = () => undefined): Tensor {
    // Operations that draw draw the same in every run.
    this.library.manualSeed(0);
    this.record.records.forEach((call, step) => {
      const isWritten = (place: number): boolean => call.inPlace && place === 0;
      const operands = this.#operands(call, values).map((t, place) => (t instanceof this.library.Tensor && !isWritten(place) ? read(t, step, place) : t));
      const made = runCall(this.library, this.operations, call, operands);
      const numbers = madeBy(call);
      numbers.forEach((value, i) => values.set(value, this.detached.includes(value) ? made[i]!.detach() : made[i]!));
      after(step);
    });
    return values.get(this.result)!;
  }

  /** Bytes alive after each step, where each value goes when it was read for the last time. */
  bytes(): number[] {
    const { library } = this;
    const alive: number[] = [];
    library.scope(() => {
      const before = library.memoryStats().bytes;
      const values = this.given();
      const own = new Set(values.keys());
      this.run(values, undefined, (step) => {
        for (const [value, t] of values) {
          if (own.has(value) || value === this.result || (this.#lastRead.get(value) ?? -1) > step) continue;
          t.dispose();
          values.delete(value);
        }
        alive.push(library.memoryStats().bytes - before);
      });
    });
    return alive;
  }
}

/** The values that a call makes; in place, the one it writes. */
const madeBy = ({ inPlace, inputs, outputs }: CapturedCall): readonly number[] => (inPlace && outputs.length === 0 ? [inputs[0]!] : outputs);

/** What flows back: into each value in sum, and along each edge. */
function gradients(replay: Replay, values: ReadonlyMap<number, Tensor>, root: Tensor): { into: Map<number, string>; along: Map<string, string> } {
  const { autograd } = replay.library;
  const into = new Map<number, string>();
  const along = new Map<string, string>();
  if (!root.requiresGrad) return { into, along };
  const known = [...values].filter(([, t]) => t.requiresGrad);
  const sums = autograd.grad(root.sum(), known.map(([, t]) => t), { retainGraph: true, allowUnused: true });
  known.forEach(([value], i) => sums[i] && into.set(value, write(sums[i])));

  // Every edge gets a view of its own, so that its part of the sum can be asked for.
  const edges: [string, Tensor][] = [];
  const result = replay.run(replay.given(), (t, step, place) => {
    if (!t.requiresGrad) return t;
    const view = t.expand(t.shape as number[]);
    edges.push([`${step},${place}`, view]);
    return view;
  });
  const parts = edges.length === 0 ? [] : autograd.grad(result.sum(), edges.map(([, t]) => t), { allowUnused: true });
  edges.forEach(([edge], i) => parts[i] && along.set(edge, write(parts[i])));
  return { into, along };
}

/** The bytes that the tape keeps, by step; what an operation records in several nodes is counted where its result is made. */
function kept({ library, record }: Replay, values: ReadonlyMap<number, Tensor>, root: Tensor): number[] {
  const bytes = record.records.map(() => 0);
  if (!root.requiresGrad || root.isLeaf) return bytes;
  const names = Object.fromEntries([...values].filter(([, t]) => t.requiresGrad).map(([value, t]) => [`v${value}`, t]));
  const makers = new Map<string, number>(record.records.flatMap((call, step) => madeBy(call).map((value): [string, number] => [`v${value}`, step])));
  let waiting = 0;
  for (const { outputs, savedBytes, isLeaf } of library.graph(root, { names }).nodes) {
    if (isLeaf) continue;
    waiting += savedBytes;
    const step = outputs.map(({ name }) => makers.get(name ?? '')).find((found) => found !== undefined);
    if (step === undefined) continue;
    bytes[step]! += waiting;
    waiting = 0;
  }
  return bytes;
}

/** How values change with one element of an input, by forward mode. */
function tangents(replay: Replay, { input, element }: Question['moved']): Map<number, string> {
  const { library } = replay;
  const moved = replay.leaves[input];
  const found = new Map<number, string>();
  if (moved === undefined) return found;
  library.noGrad(() => library.forwardAd.dualLevel(() => {
    const direction = library.tensor(Array.from({ length: moved.numel() }, (_, i) => Number(i === element))).view(moved.shape as number[]);
    const values = replay.given(replay.leaves.map((t, i) => (i === input ? library.forwardAd.makeDual(t.detach(), direction) : t.detach())));
    replay.run(values);
    for (const [value, t] of values) {
      const { tangent } = library.forwardAd.unpackDual(t);
      if (tangent) found.set(value, write(tangent));
    }
  }));
  return found;
}

/** A call as a label: its name, numbers that stand in place of tensors, and other arguments. */
function labelOf({ op, inputs, attributes, inPlace }: CapturedCall, replay: Replay): string {
  const numbers = inputs.flatMap((value) => (value === null ? [] : (replay.numberText(value) ?? [])));
  const options = Object.entries(attributes).map(([name, text]) => `${name} ${text}`);
  return [inPlace ? `${op}_` : op, ...numbers, ...options].join(' ');
}

/** What a formula gives, with values detached where that was asked for. */
export function resultOf(library: Library, operations: Operations, formula: Formula, leaves: readonly Tensor[], detached: readonly number[]): Tensor {
  library.manualSeed(0);
  const replay = new Replay(library, operations, formula, leaves, detached);
  return replay.run(replay.given());
}

/**
 * Everything about a formula of these leaves.
 *
 * @throws Error where the formula fails, or an operation in it cannot be run by itself.
 */
export function traceOf(library: Library, operations: Operations, formula: Formula, leaves: readonly Tensor[], { inputs, detached, moved }: Omit<Question, 'formula'>): Trace {
  return library.scope(() => {
    library.manualSeed(0);
    const replay = new Replay(library, operations, formula, leaves, detached);
    const { record, constants, result } = replay;
    const values = replay.given();
    const root = replay.run(values);
    const keeps = kept(replay, values, root);
    library.manualSeed(0);
    if (detached.length === 0 && write(formula(...leaves)) !== write(root)) throw new Error('run call by call the formula gives something else; this page cannot show it');
    const { into, along } = gradients(replay, values, root);
    const moves = tangents(replay, moved);
    const shown: Record<number, Value> = {};
    for (const [value, t] of values) {
      const at = record.inputs.indexOf(value);
      shown[value] = {
        name: at >= 0 ? inputs[at]!.name : (record.constants.find((constant) => constant.value === value)?.name ?? `%${value}`),
        type: `${t.dtype} [${t.shape.join(', ')}]`,
        text: write(t),
        requiresGrad: t.requiresGrad,
        gradient: into.get(value) ?? null,
        tangent: moves.get(value) ?? null,
      };
    }
    const steps = record.records.map((call, step): Step => {
      const reads = call.inputs.flatMap((value, place): Read[] =>
        value === null || replay.numberText(value) !== null ? [] : [{ value, gradient: along.get(`${step},${place}`) ?? null }]);
      const makes = madeBy(call);
      return { label: labelOf(call, replay), reads, makes, keeps: keeps[step]!, isDetached: makes.some((value) => detached.includes(value)) };
    });
    return {
      values: shown,
      inputs: record.inputs,
      constants: [...constants.keys()],
      steps,
      result,
      isSummed: root.numel() !== 1,
      bytes: { recorded: replay.bytes(), unrecorded: library.noGrad(() => replay.bytes()) },
      backward: steps.flatMap(({ reads }, i) => (reads.some(({ gradient }) => gradient !== null) ? [i] : [])).reverse(),
      elements: leaves.reduce((sum, t) => sum + t.numel(), 0),
    };
  });
}
