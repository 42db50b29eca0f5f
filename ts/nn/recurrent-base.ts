// What the recurrent layers have in common: weights of layers and directions, and the way of a
// sequence through them.
import type { DType, Device } from '../core/dtype';
import { DTypeError, ShapeError, UsageError } from '../core/errors';
import { Kind, REFUSED, boolean, device, dtype, integerFrom, list, number } from '../core/kinds';
import { checkArgument, withoutArguments } from '../core/options';
import { zeros } from '../generated/functions';
import { declareKeys } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { unwatched } from './fields';
import { uniform_ } from './init';
import { layerCount } from './layer-count';
import { Module } from './module';
import { PackedSequence } from './packed-sequence';
import { emptyParameter, type Parameter } from './parameter';

const tensors = /* @__PURE__ */ list('tensors', tensor);

/** Throws unless a recurrent layer or cell is given a tensor, and tensors or null as its states. */
export function checkGiven(where: string, input: unknown, states: unknown): void {
  checkArgument(where, 'input', input, tensor);
  if (states !== null) checkArgument(where, 'hx', states, tensors);
}

/** Options that all recurrent layers take. */
export interface RecurrentOptions {
  /** How many layers lie above one another; 1 by default. */
  numLayers?: number;
  /** Whether biases are learned; true by default. */
  bias?: boolean;
  /** Whether the batch is the first dim, before the steps; false by default. */
  batchFirst?: boolean;
  /** The probability that an element between two layers becomes 0 in training; 0 by default. */
  dropout?: number;
  /** Whether there is a second state that goes from the last step to the first; false by default. */
  bidirectional?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The sizes of a layer. */
export interface RecurrentSizes {
  /** The size of the inputs of a step. */
  inputSize: number;
  /** The size of the state. */
  hiddenSize: number;
}

/** The kinds of what all take. */
export const SIZES = () => ({ inputSize: integerFrom(0), hiddenSize: integerFrom(1) }) as const;
export const LAYERS = () => ({ numLayers: layerCount(1).or(1) }) as const;
export const REST = () => ({
  bias: boolean.or(true),
  batchFirst: boolean.or(false),
  dropout: number.or(0),
  bidirectional: boolean.or(false),
}) as const;
export const FACTORY = () => ({ device: device(), dtype: dtype.orNullFor('float32') }) as const;

/** A sequence: its tensor is what types of calls say, since `forward` has an overload for the other. */
export const sequence = /* @__PURE__ */ new Kind<Tensor>('a tensor or a PackedSequence', (value) =>
  value instanceof Tensor || value instanceof PackedSequence ? (value) : REFUSED,
);

/** What the constructor was given, defaults filled in. */
export interface RecurrentSettings extends RecurrentSizes {
  numLayers: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number;
  bidirectional: boolean;
  dtype: DType | null;
}

/** A sequence as the ops take it. */
export interface Entered {
  readonly input: Tensor;
  /** How many sequences have each step, where they are packed. */
  readonly batchSizes: Tensor | null;
  readonly states: readonly Tensor[];
}

const listed = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

let warned = false;

/** RNN, GRU and LSTM. */
export abstract class RecurrentBase extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** The size the state is projected to; 0 where it is not. */
  readonly projSize: number;
  /** The weights of the first layer; those of others are `weightIhL1` …, with `Reverse` behind it for the other direction. */
  declare weightIhL0: Parameter;
  declare weightHhL0: Parameter;
  declare biasIhL0: Parameter;
  declare biasHhL0: Parameter;
  /** The names of the parameters, those of one layer and direction together. */
  private readonly names: readonly (readonly string[])[];

  static {
    withoutArguments(this.prototype, 'resetParameters flattenParameters');
  }

  constructor(settings: RecurrentSettings, gates: number, projSize = 0) {
    super();
    const where = new.target.name;
    const { hiddenSize, numLayers, bias, dropout, bidirectional, dtype } = settings;
    if (!(dropout >= 0 && dropout <= 1)) throw new UsageError(`${where}: dropout must be a probability, got ${dropout}`, where, { dropout });
    if (projSize >= hiddenSize) {
      throw new UsageError(`${where}: projSize must be less than hiddenSize, which is ${hiddenSize}, got ${projSize}`, where, { projSize });
    }
    if (dropout > 0 && numLayers === 1) {
      if (!warned) console.warn(`adjoint: ${where}: dropout is between layers; with one layer it changes nothing`);
      warned = true;
    }
    this.inputSize = settings.inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = settings.batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    const width = projSize > 0 ? projSize : hiddenSize;
    const rows = gates * hiddenSize;
    const directions = bidirectional ? ['', 'Reverse'] : [''];
    const names: string[][] = [];
    const build = (layer: number, direction: string): void => {
      const size = layer === 0 ? settings.inputSize : width * directions.length;
      const shapes: [string, number[]][] = [['weightIh', [rows, size]], ['weightHh', [rows, width]]];
      if (bias) shapes.push(['biasIh', [rows]], ['biasHh', [rows]]);
      if (projSize > 0) shapes.push(['weightHr', [projSize, hiddenSize]]);
      const own = shapes.map(([name, shape]) => [`${name}L${layer}${direction}`, shape] as const);
      declareKeys(RecurrentBase, own.map(([name]) => name));
      for (const [name, shape] of own) this.registerParameter(name, emptyParameter(shape, dtype));
      names.push(own.map(([name]) => name));
    };
    // All is registered here, however many layers there are: no parameter has to look for what fields hold.
    unwatched(this, () => {
      for (let layer = 0; layer < numLayers; layer++) for (const direction of directions) build(layer, direction);
    });
    this.names = names;
    this.resetParameters();
  }

  /** Draws the parameters anew: uniform on ±1/√hiddenSize, in the order of `parameters()`. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** The parameters of each layer and direction. */
  get allWeights(): Parameter[][] {
    return this.names.map((own) => own.map((name) => (this as unknown as Record<string, Parameter>)[name]!));
  }

  /** Does nothing: PyTorch brings parameters together on GPUs. It is here so that programs which call it run. */
  flattenParameters(): void {
    // There is nothing to bring together.
  }

  override extraRepr(): string {
    const { projSize, numLayers, dropout } = this;
    let text = `${this.inputSize}, ${this.hiddenSize}`;
    if (projSize !== 0) text += `, projSize=${projSize}`;
    if (numLayers !== 1) text += `, numLayers=${numLayers}`;
    if (!this.bias) text += ', bias=false';
    if (this.batchFirst) text += ', batchFirst=true';
    if (dropout !== 0) text += `, dropout=${dropout}`;
    return this.bidirectional ? `${text}, bidirectional=true` : text;
  }

  /** Checks a sequence and its states and brings them into the form the ops take; states that are not given are zeros. */
  protected enter(given: Tensor | PackedSequence, states: readonly Tensor[] | null, widths: readonly number[]): Entered {
    const where = this.constructor.name;
    const packed = given instanceof PackedSequence ? given : null;
    const x = given instanceof PackedSequence ? given.data : given;
    checkGiven(where, x, states);
    const isSingle = packed === null && x.ndim === 2;
    if (packed === null ? x.ndim !== 2 && x.ndim !== 3 : x.ndim !== 2) {
      const expected = packed === null ? '3 dims, or 2 without a batch' : '2 dims where it is packed';
      throw new ShapeError(`${where}: expected an input of ${expected}, got shape ${listed(x.shape)}`, where, { shape: x.shape });
    }
    if (x.size(-1) !== this.inputSize) {
      const expected = `the last size of the input must be inputSize, ${this.inputSize}`;
      throw new ShapeError(`${where}: ${expected}, got shape ${listed(x.shape)}`, where, { shape: x.shape });
    }
    checkArgument(where, 'weightIhL0', this.weightIhL0, tensor);
    if (x.dtype !== this.weightIhL0.dtype) {
      const own = this.weightIhL0.dtype;
      const remedy = `cast with input.to('${own}') or module.to('${x.dtype}')`;
      throw new DTypeError(`${where}: the input is ${x.dtype} and the weights are ${own}; ${remedy}`, where, { dtype: x.dtype });
    }
    const input = isSingle ? x.unsqueeze(this.batchFirst ? 0 : 1) : x;
    const sequences = packed !== null ? Number(packed.batchSizes.select(0, 0).item()) : input.size(this.batchFirst ? 0 : 1);
    if (!(Number.isInteger(sequences) && sequences >= 0 && sequences <= (packed === null ? Infinity : x.size(0)))) {
      throw new ShapeError(`${where}: expected batchSizes that fall and add up to the ${x.size(0)} rows, got ${sequences} as the first`, where, { size: sequences });
    }
    const layers = this.numLayers * (this.bidirectional ? 2 : 1);
    if (states === null) {
      return { input, batchSizes: packed?.batchSizes ?? null, states: widths.map((width) => zeros([layers, sequences, width], { dtype: x.dtype })) };
    }
    const inside = states.map((state, i) => {
      const expected = isSingle ? [layers, widths[i]!] : [layers, sequences, widths[i]!];
      if (state.shape.join() !== expected.join()) {
        const name = i === 0 ? 'hx' : 'cx';
        const message = `${where}: expected ${name} of shape ${listed(expected)}, got ${listed(state.shape)}`;
        throw new ShapeError(message, where, { argument: name, shape: state.shape });
      }
      if (isSingle) return state.unsqueeze(1);
      return packed?.sortedIndices ? state.indexSelect(1, packed.sortedIndices) : state;
    });
    return { input, batchSizes: packed?.batchSizes ?? null, states: inside };
  }

  /** Brings outputs and last states into the form of what was given. */
  protected leave(given: Tensor | PackedSequence, output: Tensor, states: readonly Tensor[]): [output: Tensor | PackedSequence, states: Tensor[]] {
    if (given instanceof PackedSequence) {
      const { batchSizes, sortedIndices, unsortedIndices } = given;
      const undone = states.map((state) => (unsortedIndices === null ? state : state.indexSelect(1, unsortedIndices)));
      return [new PackedSequence(output, batchSizes, sortedIndices, unsortedIndices), undone];
    }
    if (given.ndim === 3) return [output, [...states]];
    return [output.squeeze(this.batchFirst ? 0 : 1), states.map((state) => state.squeeze(1))];
  }
}
