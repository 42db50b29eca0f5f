// What a row of the table sees of a node: its attributes, and which of its inputs are what.
import { UsageError } from '../../core/errors';
import type { DType } from '../../core/dtype';
import type { Tensor } from '../../tensor/tensor';
import { integersIn, numberIn } from './host-values';
import type { FileAttribute, FileNode } from './model';
import { dtypeOf, typeName, type FileTensor } from './tensor';

/** Inputs of a node; null for one that is left out. */
export type Inputs = readonly (Tensor | null)[];

/** A graph inside of a node, ready to run. */
export interface Body {
  /** How many inputs and outputs it has. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A call of the model, as nodes see it. */
export interface Run {
  /** Whether the module is in training mode. */
  readonly training: boolean;
  /** The outputs of a graph inside of a node. They hold until it runs again, unless they are retained. */
  run(body: Body, inputs: Inputs): readonly Tensor[];
  /** Has a tensor live as long as the call. */
  retain(t: Tensor): Tensor;
}

/** Computes a node. */
export type Compute = (inputs: Inputs, run: Run) => Tensor | readonly (Tensor | null)[];

/** Reads a node's attributes, refusing what it cannot compute, and says how it is computed. */
export type Row = (node: Node) => Compute;

/** Reads values of an input when a call gives them: null where it is left out. */
export type Reading<T> = (inputs: Inputs) => T;

/** AttributeProto.AttributeType. */
const TYPE = { float: 1, int: 2, text: 3, tensor: 4, graph: 5, floats: 6, ints: 7, texts: 8 } as const;

/** A node to be read. */
export class Node {
  /** The inputs that are settings: what is constant there is not learned. */
  readonly settings = new Set<number>();
  /** The inputs whose values are read, to decide shapes. */
  readonly reads = new Set<number>();
  /** The inputs that are weights whatever their shape. */
  readonly weights = new Set<number>();
  /** Whether its outputs depend on the shapes of its inputs alone. */
  isOfShapes = false;
  private readonly asked = new Set<string>();

  constructor(
    private readonly file: FileNode,
    private readonly attributes: ReadonlyMap<string, FileAttribute>,
    /** The version of the operator set. */
    readonly opset: number,
    private readonly compile: (node: FileNode, attribute: FileAttribute) => Body,
  ) {}

  /** How errors name it. */
  get label(): string {
    return labelOf(this.file);
  }

  /** How many inputs and outputs are written, those left out at the end not counted. */
  get inputCount(): number {
    return this.file.inputs.length;
  }

  get outputCount(): number {
    return this.file.outputs.length;
  }

  /** Whether an input is given. */
  hasInput(i: number): boolean {
    return (this.file.inputs[i] ?? '') !== '';
  }

  /** Whether an output is read. */
  hasOutput(i: number): boolean {
    return (this.file.outputs[i] ?? '') !== '';
  }

  /** The error for what cannot be computed. */
  refusal(message: string): UsageError {
    return new UsageError(`importOnnx: ${this.label}: ${message}`, 'importOnnx', { op: this.file.op, node: this.file.name });
  }

  private find(name: string, type: number): FileAttribute | null {
    this.asked.add(name);
    const attribute = this.attributes.get(name);
    if (attribute === undefined) return null;
    // Files from before the type was written have none.
    if (attribute.type !== type && attribute.type !== 0) throw this.refusal(`attribute ${name} is of type ${attribute.type}, expected ${type}`);
    return attribute;
  }

  /** Whether an attribute is there. */
  has(name: string): boolean {
    this.asked.add(name);
    return this.attributes.has(name);
  }

  int(name: string, otherwise: number): number {
    return this.find(name, TYPE.int)?.int ?? otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.int(name, Number(otherwise)) !== 0;
  }

  float(name: string, otherwise: number): number {
    return this.find(name, TYPE.float)?.float ?? otherwise;
  }

  /** One of these words, the first where none is given. */
  text<T extends string>(name: string, ...known: readonly [T, ...T[]]): T {
    const found = this.find(name, TYPE.text)?.text ?? known[0];
    if (!known.includes(found as T)) throw this.refusal(`${name} ${JSON.stringify(found)} is not computed here, only ${known.map((word) => JSON.stringify(word)).join(', ')}`);
    return found as T;
  }

  /** A text of any words. */
  anyText(name: string): string | null {
    return this.find(name, TYPE.text)?.text ?? null;
  }

  ints(name: string): readonly number[] | null {
    return this.find(name, TYPE.ints)?.ints ?? null;
  }

  floats(name: string): readonly number[] | null {
    return this.find(name, TYPE.floats)?.floats ?? null;
  }

  texts(name: string): readonly string[] | null {
    return this.find(name, TYPE.texts)?.texts ?? null;
  }

  tensor(name: string): FileTensor | null {
    return this.find(name, TYPE.tensor)?.tensor ?? null;
  }

  /** A dtype by number. */
  dtype(name: string): DType | null {
    const attribute = this.find(name, TYPE.int);
    if (attribute === null) return null;
    const dtype = dtypeOf(attribute.int);
    if (dtype === null) throw this.refusal(`${name} is ${typeName(attribute.int)}, a type that tensors here do not have`);
    return dtype;
  }

  /** A graph inside of it. */
  graph(name: string): Body {
    const attribute = this.find(name, TYPE.graph);
    if (attribute?.graph == null) throw this.refusal(`attribute ${name}, a graph, is missing`);
    return this.compile(this.file, attribute);
  }

  /** Says of attributes that they change nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.asked.add(name);
  }

  /** Refuses attributes that the row did not ask for: they may mean anything. */
  refuseUnknown(): void {
    const unknown = [...this.attributes.keys()].filter((name) => !this.asked.has(name));
    if (unknown.length > 0) throw this.refusal(`it has the attribute ${unknown.join(', ')}, which is unknown in operator set ${this.opset}`);
  }

  /** Says of inputs that they are not learned. */
  setting(...inputs: readonly number[]): void {
    for (const i of inputs) this.settings.add(i);
  }

  private reading(i: number): void {
    this.setting(i);
    this.reads.add(i);
  }

  /** Says of inputs that they are learned, of whatever shape. */
  weight(...inputs: readonly number[]): void {
    for (const i of inputs) this.weights.add(i);
  }

  /** Reads an input that is a list of integers. */
  list(i: number): Reading<readonly number[] | null> {
    this.reading(i);
    return (inputs) => (inputs[i] == null ? null : integersIn(inputs[i]));
  }

  /** Reads an input that is a number. */
  number(i: number): Reading<number | null> {
    this.reading(i);
    return (inputs) => (inputs[i] == null ? null : numberIn(inputs[i], this.label));
  }

  /** A list that is an attribute of this name before operator set `since`, and an input from then on. */
  listSince(since: number, name: string, i: number): Reading<readonly number[] | null> {
    if (this.opset >= since) return this.list(i);
    const given = this.ints(name);
    return () => given;
  }
}

/** How errors name a node. */
export function labelOf({ op, name, domain }: FileNode): string {
  const full = domain === '' ? op : `${domain}.${op}`;
  return name === '' ? full : `${full} ${JSON.stringify(name)}`;
}
