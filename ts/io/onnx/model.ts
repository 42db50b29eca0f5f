// An ONNX file as it says of itself: graphs of nodes by name, checked for their form. Source of field numbers: onnx/onnx.proto of ONNX 1.16.
import type { FormatError } from '../../core/errors';
import { type Message, type Field } from './protobuf';
import { readTensor, type FileTensor } from './tensor';

/** How deep graphs are nested, in nodes of graphs. */
const DEEPEST = 64;

/** An attribute of a node. */
export interface FileAttribute {
  readonly name: string;
  /** AttributeProto.AttributeType. */
  readonly type: number;
  readonly int: number;
  readonly float: number;
  readonly text: string | null;
  readonly tensor: FileTensor | null;
  readonly graph: FileGraph | null;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly texts: readonly string[];
  /** The attribute of the function around it that it takes its value from, or an empty string. */
  readonly reference: string;
}

/** A call of an operator. */
export interface FileNode {
  readonly op: string;
  /** An empty string is ONNX's own. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, FileAttribute>;
  /** Where it is in the file. */
  readonly at: number;
}

/** What is said of an input or an output. */
export interface FileValue {
  readonly name: string;
  /** TensorProto.DataType, or null where it is not said. */
  readonly type: number | null;
  /** Sizes, names of sizes, and null where nothing is said; null where not even their number is. */
  readonly dims: readonly (number | string | null)[] | null;
  readonly at: number;
}

export interface FileGraph {
  readonly nodes: readonly FileNode[];
  readonly initializers: readonly FileTensor[];
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  readonly at: number;
}

/** A function of the file's own. */
export interface FileFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly defaults: ReadonlyMap<string, FileAttribute>;
  readonly nodes: readonly FileNode[];
  readonly opset: number | null;
  readonly at: number;
}

/** A model. */
export interface FileModel {
  readonly opset: number;
  readonly graph: FileGraph;
  /** Its functions by `domain name`. */
  readonly functions: ReadonlyMap<string, FileFunction>;
  /** The error for what is wrong with the file. */
  error(message: string, at: number): FormatError;
}

const isOnnx = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** Reads the file. Tensors stay in it. */
export function readModel(file: Message): FileModel {
  const fields = file.fields('the model');
  const found = fields.filter(({ number }) => number === 7);
  if (found.length !== 1) throw file.error(`the model has ${found.length} graphs, not one. Is it an ONNX model?`);
  let opset: number | null = null;
  const functions = new Map<string, FileFunction>();
  for (const field of fields) {
    if (field.number === 8) opset = opsetOf(file, field) ?? opset;
    if (field.number !== 25) continue;
    const read = readFunction(file.message(field, 'a function'));
    functions.set(`${read.domain} ${read.name}`, read);
  }
  if (opset === null) throw file.error('the model does not say which operator set it uses');
  const graph = readGraph(file.message(found[0]!, 'the graph'), 0);
  return { opset, graph, functions, error: (message, at) => file.error(message, at) };
}

/** The version of ONNX's own operator set; null for another set. */
function opsetOf(file: Message, field: Field): number | null {
  const message = file.message(field, 'an operator set');
  let domain = '';
  let version = 0;
  for (const part of message.fields('an operator set')) {
    if (part.number === 1) domain = message.text(part, 'the domain of an operator set');
    if (part.number === 2) version = message.integer(part, 'the version of an operator set');
  }
  return isOnnx(domain) ? version : null;
}

function readGraph(message: Message, depth: number): FileGraph {
  if (depth > DEEPEST) throw message.error(`graphs are nested deeper than ${DEEPEST}`);
  const graph = { nodes: [] as FileNode[], initializers: [] as FileTensor[], inputs: [] as FileValue[], outputs: [] as FileValue[], at: message.start };
  for (const field of message.fields('a graph')) {
    if (field.number === 1) graph.nodes.push(readNode(message.message(field, 'a node'), depth));
    if (field.number === 5) graph.initializers.push(readTensor(message.message(field, 'an initializer')));
    if (field.number === 11) graph.inputs.push(readValue(message.message(field, 'an input')));
    if (field.number === 12) graph.outputs.push(readValue(message.message(field, 'an output')));
    if (field.number === 15) throw message.error('a graph has sparse initializers, which are not read; make them dense', field.at);
  }
  return graph;
}

function readNode(message: Message, depth: number): FileNode {
  const node = { op: '', domain: '', name: '', inputs: [] as string[], outputs: [] as string[], attributes: new Map<string, FileAttribute>(), at: message.start };
  for (const field of message.fields('a node')) {
    if (field.number === 1) node.inputs.push(message.text(field, 'an input of a node'));
    if (field.number === 2) node.outputs.push(message.text(field, 'an output of a node'));
    if (field.number === 3) node.name = message.text(field, 'the name of a node');
    if (field.number === 4) node.op = message.text(field, 'the operator of a node');
    if (field.number === 5) {
      const attribute = readAttribute(message.message(field, 'an attribute'), depth);
      node.attributes.set(attribute.name, attribute);
    }
    if (field.number === 7) {
      const domain = message.text(field, 'the domain of a node');
      node.domain = isOnnx(domain) ? '' : domain;
    }
  }
  if (node.op === '') throw message.error('a node has no operator');
  return node;
}

function readAttribute(message: Message, depth: number): FileAttribute {
  const read = {
    name: '', type: 0, int: 0, float: 0, text: null as string | null, tensor: null as FileTensor | null, graph: null as FileGraph | null,
    ints: [] as number[], floats: [] as number[], texts: [] as string[], reference: '',
  };
  for (const field of message.fields('an attribute')) {
    const what = `attribute ${read.name}`;
    switch (field.number) {
      case 1: read.name = message.text(field, 'the name of an attribute'); break;
      case 2: {
        const one: number[] = [];
        message.floats(field, what, one);
        read.float = one[0] ?? 0;
        break;
      }
      case 3: read.int = integerOrBound(message, field, what); break;
      case 4: read.text = message.text(field, what); break;
      case 5: read.tensor = readTensor(message.message(field, what)); break;
      case 6: read.graph = readGraph(message.message(field, what), depth + 1); break;
      case 7: message.floats(field, what, read.floats); break;
      case 8: integersOrBounds(message, field, what, read.ints); break;
      case 9: read.texts.push(message.text(field, what)); break;
      case 20: read.type = message.integer(field, `the type of ${what}`); break;
      case 21: read.reference = message.text(field, what); break;
      default: break;
    }
  }
  return read;
}

/** The sign and size of an integer that may mean "to the end": beyond what a number holds it is ±2^53. */
function integerOrBound(message: Message, field: Field, what: string): number {
  const high = field.high | 0;
  if (field.wire === 0 && Math.abs(high) >= 2 ** 21) return high < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  return message.integer(field, what);
}

function integersOrBounds(message: Message, field: Field, what: string, into: number[]): void {
  if (field.wire === 0) {
    into.push(integerOrBound(message, field, what));
    return;
  }
  const varints = message.varints(field, what);
  while (!varints.isDone) {
    varints.next();
    const high = varints.high | 0;
    if (Math.abs(high) >= 2 ** 21) into.push(high < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
    else into.push(high * 2 ** 32 + varints.low);
  }
}

function readValue(message: Message): FileValue {
  const value = { name: '', type: null as number | null, dims: null as (number | string | null)[] | null, at: message.start };
  for (const field of message.fields('a value')) {
    if (field.number === 1) value.name = message.text(field, 'the name of a value');
    if (field.number !== 2) continue;
    const type = message.message(field, `the type of ${value.name}`);
    for (const kind of type.fields('a type')) {
      if (kind.number !== 1) {
        if (kind.number === 6) continue;
        throw type.error(`${value.name} is a sequence, map, optional or sparse tensor; only tensors are read`, kind.at);
      }
      const tensor = type.message(kind, 'a type');
      for (const part of tensor.fields('a type')) {
        if (part.number === 1) value.type = tensor.integer(part, 'an element type');
        if (part.number === 2) value.dims = dimsOf(tensor.message(part, 'a shape'));
      }
    }
  }
  return value;
}

function dimsOf(message: Message): (number | string | null)[] {
  return message.fields('a shape').filter(({ number }) => number === 1).map((field) => {
    const dim = message.message(field, 'a dim');
    let size: number | string | null = null;
    for (const part of dim.fields('a dim')) {
      if (part.number === 1) size = dim.integer(part, 'a size');
      if (part.number === 2) size = dim.text(part, 'the name of a size');
    }
    // What is negative or an empty name says as little as what is missing.
    return size === '' || (typeof size === 'number' && size < 0) ? null : size;
  });
}

function readFunction(message: Message): FileFunction {
  const read = {
    name: '', domain: '', inputs: [] as string[], outputs: [] as string[], defaults: new Map<string, FileAttribute>(), nodes: [] as FileNode[],
    opset: null as number | null, at: message.start,
  };
  for (const field of message.fields('a function')) {
    switch (field.number) {
      case 1: read.name = message.text(field, 'the name of a function'); break;
      case 4: read.inputs.push(message.text(field, 'an input of a function')); break;
      case 5: read.outputs.push(message.text(field, 'an output of a function')); break;
      case 7: read.nodes.push(readNode(message.message(field, 'a node'), 0)); break;
      case 9: read.opset = opsetOf(message, field) ?? read.opset; break;
      case 10: read.domain = message.text(field, 'the domain of a function'); break;
      case 11: {
        const attribute = readAttribute(message.message(field, 'an attribute'), 0);
        read.defaults.set(attribute.name, attribute);
        break;
      }
      default: break;
    }
  }
  return read;
}
