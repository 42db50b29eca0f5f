// A graph as a list of steps over numbered slots: names are looked up once, when a model is imported. Graphs inside of nodes have slots of
// their own in the same list, so what they take from around them is a slot like any other.
import { isCapturing } from '../../core/capturing';
import { codeOf, isFloatCode } from '../../core/dtype';
import { AdjointError, UsageError } from '../../core/errors';
import { unrecorded } from '../../runtime/unrecorded';
import type { Tensor } from '../../tensor/tensor';
import { fix, isFixed } from './host-values';
import type { FileAttribute, FileFunction, FileGraph, FileModel, FileNode, FileValue } from './model';
import { Node, labelOf, type Body, type Compute, type Inputs, type Row, type Run } from './node';
import type { FileTensor } from './tensor';

/** A node, to be computed. Slot −1 is what is left out. */
interface Step {
  readonly label: string;
  readonly compute: Compute;
  /** Whether it depends on shapes alone; null for one with graphs, whose steps say it themselves. */
  readonly isOfShapes: boolean | null;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The slots around it that graphs inside of it read. */
  readonly taken: readonly number[];
  /** The slots that nothing reads after it. */
  readonly frees: readonly number[];
}

interface Steps extends Body {
  readonly steps: readonly Step[];
}

/** A tensor of the file that the program reads. */
export interface Constant {
  readonly slot: number;
  readonly tensor: FileTensor;
  readonly name: string;
  /** Whether it is state that the file has by name, or is written into a node. */
  readonly isInitializer: boolean;
  /** Whether it is floating, and a weight of some node: then it is learned. */
  readonly isWeight: boolean;
  /** Whether its values decide shapes. */
  readonly isRead: boolean;
}

/** A graph that can be run. */
export interface Program {
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  readonly constants: readonly Constant[];
  /** Runs it; constants are given in their order. */
  run(inputs: readonly Tensor[], constants: readonly Tensor[], training: boolean): Tensor[];
}

/** The operators of ONNX's own set, and the node that is a constant. */
export interface Table {
  readonly rows: ReadonlyMap<string, Row>;
  /** The tensor that a node of the operator Constant is; null for any other. */
  readonly constantOf: (node: Node, file: FileNode) => FileTensor | null;
}

/** How deep functions of the file are called, and how many nodes there are with every call written out. */
const DEEPEST_CALL = 64;
const MOST_NODES = 1_000_000;

/** Names of values in a graph, and in those around it. */
class Names {
  private readonly own = new Map<string, number>();

  constructor(private readonly around: Names | null) {}

  find(name: string): number | undefined {
    return this.own.get(name) ?? this.around?.find(name);
  }

  has(name: string): boolean {
    return this.own.has(name);
  }

  set(name: string, slot: number): void {
    this.own.set(name, slot);
  }
}

/** What is known of a function's call: its attributes, and how deep it is. */
interface Surroundings {
  readonly opset: number;
  readonly attributes: ReadonlyMap<string, FileAttribute> | null;
  readonly depth: number;
}

/** Counts the operators that the table lacks, in all graphs, functions too. */
function lackingIn(model: FileModel, { rows }: Table): Map<string, number> {
  const lacking = new Map<string, number>();
  const visit = (nodes: readonly FileNode[]): void => {
    for (const { op, domain, attributes } of nodes) {
      for (const { graph } of attributes.values()) if (graph !== null) visit(graph.nodes);
      const isKnown = model.functions.has(`${domain} ${op}`) || (domain === '' && (rows.has(op) || op === 'Constant'));
      const name = domain === '' ? op : `${domain}.${op}`;
      if (!isKnown) lacking.set(name, (lacking.get(name) ?? 0) + 1);
    }
  };
  visit(model.graph.nodes);
  for (const { nodes } of model.functions.values()) visit(nodes);
  return lacking;
}

/** Makes a program of a model. Nothing is computed, and no tensor made. */
export function compile(model: FileModel, table: Table): Program {
  const lacking = lackingIn(model, table);
  if (lacking.size > 0) {
    const list = [...lacking].map(([op, count]) => `${op} (${count})`).join(', ');
    throw new UsageError(`importOnnx: has no rule for ${list}; export the model with other operators`, 'importOnnx', { ops: [...lacking.keys()] });
  }
  return new Compiler(model, table).program();
}

class Compiler {
  private slots = 0;
  private nodes = 0;
  private readonly constants = new Map<number, Omit<Constant, 'isWeight' | 'isRead'>>();
  private readonly weights = new Set<number>();
  private readonly read = new Set<number>();

  constructor(
    private readonly model: FileModel,
    private readonly table: Table,
  ) {}

  program(): Program {
    const { model } = this;
    const { graph } = model;
    const names = new Names(null);
    // Older files list initializers among the inputs, too: as what they are where nothing else is given.
    const inner = new Set(graph.initializers.map(({ name }) => name));
    const inputs = graph.inputs.filter(({ name }) => !inner.has(name));
    const body = this.graph(graph, names, inputs, { opset: model.opset, attributes: null, depth: 0 });
    const constants = [...this.constants.values()].map((constant) => {
      const isFloating = isFloatCode(codeOf(constant.tensor.dtype)!);
      return { ...constant, isWeight: isFloating && this.weights.has(constant.slot), isRead: this.read.has(constant.slot) };
    });
    const count = this.slots;
    return {
      inputs,
      outputs: graph.outputs,
      constants,
      run: (given, values, training) => new Frame(count, training).program(body, given, constants, values),
    };
  }

  private graph(graph: FileGraph, names: Names, inputs: readonly FileValue[], around: Surroundings): Steps {
    const given = inputs.map(({ name, at }) => this.define(names, name, at));
    for (const tensor of graph.initializers) this.constant(names, tensor.name, tensor, true, tensor.at);
    return this.steps(graph.nodes, names, given, graph.outputs.map(({ name }) => name), graph.at, around);
  }

  private steps(nodes: readonly FileNode[], names: Names, inputs: readonly number[], outputs: readonly string[], at: number, around: Surroundings): Steps {
    const steps = nodes.flatMap((node) => this.node(node, names, around));
    const out = outputs.map((name) => this.find(names, name, at, 'an output'));
    if (out.includes(-1)) throw this.model.error(`the output ${JSON.stringify(outputs[out.indexOf(-1)])} is an input that a call of a function leaves out`, at);
    return { inputs, outputs: out, steps: freeing(steps, inputs, out) };
  }

  private define(names: Names, name: string, at: number): number {
    if (name === '') throw this.model.error('an input has no name', at);
    if (names.has(name)) throw this.model.error(`${JSON.stringify(name)} is made twice`, at);
    const slot = this.slots++;
    names.set(name, slot);
    return slot;
  }

  private find(names: Names, name: string, at: number, reader: string): number {
    const slot = names.find(name);
    if (slot === undefined) throw this.model.error(`${reader} is ${JSON.stringify(name)}, which nothing makes before it`, at);
    return slot;
  }

  private constant(names: Names, name: string, tensor: FileTensor, isInitializer: boolean, at: number): void {
    if (tensor.dtype === null) {
      throw new UsageError(`importOnnx: ${JSON.stringify(name)} is of ${tensor.typeName}, a type that tensors here do not have`, 'importOnnx', { name });
    }
    const slot = this.define(names, name, at);
    this.constants.set(slot, { slot, tensor, name, isInitializer });
  }

  private node(file: FileNode, names: Names, around: Surroundings): Step[] {
    this.nodes += 1;
    if (this.nodes > MOST_NODES) throw this.model.error(`with its functions the model has more than ${MOST_NODES} nodes`, file.at);
    const inputs = file.inputs.map((name) => (name === '' ? -1 : this.find(names, name, file.at, `an input of ${labelOf(file)}`)));
    const attributes = this.resolved(file, around);
    const inner: Steps[] = [];
    const node = new Node(file, attributes, around.opset, (_, { graph }) => {
      // Only nodes with graphs of their own ask.
      const body = this.graph(graph!, new Names(names), graph!.inputs, around);
      inner.push(body);
      return body;
    });
    const own = this.model.functions.get(`${file.domain} ${file.op}`);
    if (own !== undefined) return this.call(file, own, attributes, inputs, names, around);
    const constant = file.domain === '' ? this.table.constantOf(node, file) : null;
    if (constant !== null) {
      node.refuseUnknown();
      this.constant(names, file.outputs[0] ?? '', constant, false, file.at);
      return [];
    }
    const compute = this.table.rows.get(file.op)!(node);
    node.refuseUnknown();
    inputs.forEach((slot, i) => { this.note(slot, i, node); });
    const outputs = file.outputs.map((name) => (name === '' ? -1 : this.define(names, name, file.at)));
    // What graphs inside of it read from around them, it reads.
    return [{ label: node.label, compute, isOfShapes: inner.length > 0 ? null : node.isOfShapes, inputs, outputs, taken: inner.flatMap(takenBy), frees: [] }];
  }

  private note(slot: number, i: number, node: Node): void {
    if (node.reads.has(i)) this.read.add(slot);
    const constant = this.constants.get(slot);
    if (constant === undefined || node.settings.has(i)) return;
    // A number in a formula is not what was learned.
    if (node.weights.has(i) || constant.tensor.numel > 1) this.weights.add(slot);
  }

  /** A node's attributes, of which those inside of a function may be the call's. */
  private resolved({ attributes, at }: FileNode, { attributes: given }: Surroundings): ReadonlyMap<string, FileAttribute> {
    if ([...attributes.values()].every(({ reference }) => reference === '')) return attributes;
    const found = new Map<string, FileAttribute>();
    for (const [name, attribute] of attributes) {
      if (attribute.reference === '') found.set(name, attribute);
      else if (given === null) throw this.model.error(`attribute ${name} refers to ${attribute.reference} of a function, but is in none`, at);
      else {
        const value = given.get(attribute.reference);
        if (value !== undefined) found.set(name, { ...value, name });
      }
    }
    return found;
  }

  /** The steps of a function of the file, in place of its call. */
  private call(file: FileNode, own: FileFunction, given: ReadonlyMap<string, FileAttribute>, inputs: readonly number[], names: Names, around: Surroundings): Step[] {
    if (around.depth === DEEPEST_CALL) throw this.model.error(`${labelOf(file)}: functions call functions deeper than ${DEEPEST_CALL}`, file.at);
    const inside = new Names(null);
    own.inputs.forEach((name, i) => {
      const slot = inputs[i] ?? -1;
      if (slot >= 0) inside.set(name, slot);
      else this.missing(inside, name);
    });
    const attributes = new Map([...own.defaults, ...given]);
    const steps = own.nodes.flatMap((node) => this.node(node, inside, { opset: own.opset ?? around.opset, attributes, depth: around.depth + 1 }));
    file.outputs.forEach((name, i) => {
      if (name === '') return;
      if (names.has(name)) throw this.model.error(`${JSON.stringify(name)} is made twice`, file.at);
      names.set(name, this.find(inside, own.outputs[i] ?? '', own.at, `an output of ${own.name}`));
    });
    return steps;
  }

  /** An input of a function that a call leaves out is one that its nodes leave out. */
  private missing(names: Names, name: string): void {
    if (name !== '') names.set(name, -1);
  }
}

/** What a graph makes itself: its inputs, and what its steps make. */
function ownOf(steps: readonly Step[], inputs: readonly number[]): Set<number> {
  return new Set([...inputs, ...steps.flatMap(({ outputs }) => outputs)]);
}

/** The slots that a graph, and those in it, read from around it. */
function takenBy({ steps, outputs, inputs }: Steps): number[] {
  const own = ownOf(steps, inputs);
  const read = new Set([...outputs, ...steps.flatMap((step) => [...step.inputs, ...step.taken])]);
  return [...read].filter((slot) => slot >= 0 && !own.has(slot));
}

/** The steps with what is freed after each: what the graph makes itself, but for its outputs. */
function freeing(steps: readonly Step[], inputs: readonly number[], outputs: readonly number[]): Step[] {
  const own = ownOf(steps, inputs);
  const done = new Set<number>([-1, ...outputs]);
  const last = (slot: number): boolean => own.has(slot) && !done.has(slot) && done.add(slot).has(slot);
  const freed = [...steps].reverse().map((step) => ({ ...step, frees: [...step.inputs, ...step.taken, ...step.outputs].filter(last) }));
  return freed.reverse();
}

/** Outputs in memory of their own: a record refuses views that were made beside it. */
function ownOutputs(made: ReturnType<Compute>, given: Inputs): readonly (Tensor | null)[] {
  const list = (Array.isArray(made) ? made : [made]) as readonly (Tensor | null)[];
  return list.map((t) => (t === null || given.includes(t) ? t : t.clone()));
}

/** The values of a call. */
class Frame implements Run {
  private readonly values: (Tensor | null)[];
  private readonly isCaptured = isCapturing();
  /** In how many slots a tensor is that a step made; those of others count as in endlessly many. */
  private readonly counts = new Map<Tensor, number>();

  constructor(
    count: number,
    readonly training: boolean,
  ) {
    this.values = new Array<Tensor | null>(count).fill(null);
  }

  program(body: Steps, inputs: readonly Tensor[], constants: readonly Constant[], values: readonly Tensor[]): Tensor[] {
    constants.forEach(({ slot, isWeight, tensor }, i) => {
      const value = values[i]!;
      this.values[slot] = this.retain(value);
      if (this.isCaptured && !isWeight && (tensor.numel === 1 || !value.isFloatingPoint())) fix(value);
    });
    return [...this.run(body, inputs.map((t) => this.retain(t)))];
  }

  retain(t: Tensor): Tensor {
    this.counts.set(t, Infinity);
    return t;
  }

  run(body: Body, inputs: Inputs): readonly Tensor[] {
    const { steps, inputs: slots, outputs } = body as Steps;
    // All are counted before any is replaced: what a loop hands on may be what it was given, in another order.
    const given = slots.map((_, i) => inputs[i] ?? null);
    for (const value of given) this.count(value);
    slots.forEach((slot, i) => { this.replace(slot, given[i]!); });
    for (const step of steps) this.step(step);
    return outputs.map((slot) => this.values[slot]!);
  }

  private step({ label, compute, isOfShapes, inputs, outputs, frees }: Step): void {
    const given = inputs.map((slot) => (slot < 0 ? null : this.values[slot]!));
    let made: Tensor | readonly (Tensor | null)[];
    // While a function is captured, shapes are computed beside its record, and are the same in every replay.
    const isFree = this.isCaptured && isOfShapes !== null && (isOfShapes || given.every((t) => t === null || isFixed(t)));
    try {
      made = isFree ? unrecorded(() => ownOutputs(compute(given, this), given)) : compute(given, this);
    } catch (error) {
      throw located(error, label);
    }
    const list = (Array.isArray(made) ? made : [made]) as readonly (Tensor | null)[];
    outputs.forEach((slot, i) => {
      if (slot < 0) return;
      const value = list[i] ?? null;
      if (value === null) throw new UsageError(`${label}: its output ${i} is not computed here`, 'forward');
      this.put(slot, value);
      if (isFree) fix(value);
    });
    for (const slot of frees) this.put(slot, null);
  }

  /** Puts a value in a slot. What was there is released, if it is in no other. */
  private put(slot: number, value: Tensor | null): void {
    this.count(value);
    this.replace(slot, value);
  }

  private count(value: Tensor | null): void {
    if (value !== null) this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }

  private replace(slot: number, value: Tensor | null): void {
    const before = this.values[slot] ?? null;
    this.values[slot] = value;
    if (before === null) return;
    const left = this.counts.get(before)! - 1;
    this.counts.set(before, left);
    if (left > 0) return;
    this.counts.delete(before);
    before.dispose();
  }
}

const LOCATED = /* @__PURE__ */ new WeakSet<AdjointError>();

/** An error that says which node failed. */
function located(error: unknown, label: string): unknown {
  if (!(error instanceof AdjointError) || LOCATED.has(error)) return error;
  LOCATED.add(error);
  error.message = `${label}: ${error.message}`;
  return error;
}
