// The layers of a transformer.
import type { DType, Device } from '../core/dtype';
import { gelu, relu } from '../generated/functional';
import { Kind, REFUSED, boolean, callable, device, dtype, integerFrom, number, word } from '../core/kinds';
import { parameters, type Arguments, type Kinds, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { MultiheadAttention } from './attention';
import { Dropout } from './dropout';
import type { Inputs } from './inputs';
import { Linear } from './linear';
import { declareMembers } from './members';
import { Module } from './module';
import { LayerNorm } from './normalization';
import { applied, part } from './parts';

/** What is between the two linear maps: by name, a function, or a module that is called. */
export type TransformerActivation = 'relu' | 'gelu' | ((x: Tensor) => Tensor) | (Module & { forward(x: Tensor): Tensor });

/** Options of the layers of a transformer. */
export interface TransformerLayerOptions {
  /** The size between the two linear maps; 2048 by default. */
  dimFeedforward?: number;
  /** The probability of each dropout; 0.1 by default. */
  dropout?: number;
  /** `'relu'` by default. */
  activation?: TransformerActivation;
  /** Added to the variance in the norms; 1e-5 by default. */
  layerNormEps?: number;
  /** Whether the batch is the first dim, before the sequence; false by default. */
  batchFirst?: boolean;
  /** Whether the norms come before attention and linear maps, and not after them; false by default. */
  normFirst?: boolean;
  /** Whether linear maps, attention and norms have biases; true by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of the layers of a transformer. */
export interface TransformerLayerArguments extends TransformerLayerOptions {
  /** The size of inputs and outputs. */
  dModel: number;
  /** How many heads attention has. */
  nhead: number;
}

const activationWord = /* @__PURE__ */ word('relu', 'gelu');

/** The kind of an `activation`. */
export const activationKind = (): Kind<TransformerActivation> =>
  new Kind<TransformerActivation>("'relu', 'gelu', a function or a module", (value) => {
    if (value instanceof Module) return value;
    return typeof value === 'string' ? activationWord.take(value) : typeof value === 'function' ? callable.take(value) : REFUSED;
  }).or('relu');

/** The kinds of what layers and transformers have in common, apart from where the parameters are. */
export const LAYER = (): Kinds<TransformerLayerArguments> => ({
  dModel: integerFrom(1),
  nhead: integerFrom(1),
  dimFeedforward: integerFrom(0).or(2048),
  dropout: number.or(0.1),
  activation: activationKind(),
  layerNormEps: number.or(1e-5),
  batchFirst: boolean.or(false),
  normFirst: boolean.or(false),
  bias: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
});

type Order = ['dModel', 'nhead', 'dimFeedforward', 'dropout', 'activation', 'layerNormEps', 'batchFirst', 'normFirst', 'bias', 'device', 'dtype'];

/** What both layers hold: self-attention and two linear maps. */
abstract class TransformerLayer extends Module {
  readonly normFirst: boolean;
  declare selfAttn: MultiheadAttention;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;
  declare norm1: LayerNorm;
  declare norm2: LayerNorm;
  declare dropout1: Dropout;
  declare dropout2: Dropout;
  declare activation: Exclude<TransformerActivation, string>;

  static {
    declareMembers(this, { module: ['selfAttn', 'linear1', 'dropout', 'linear2', 'norm1', 'norm2', 'dropout1', 'dropout2', 'activation'] });
  }

  constructor(options: Values<TransformerLayerArguments>) {
    super();
    const { normFirst } = options;
    this.normFirst = normFirst;
  }

  /** Attention as the options say. */
  protected newAttention({ dModel, nhead, dropout, bias, batchFirst, dtype }: Values<TransformerLayerArguments>): MultiheadAttention {
    return new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
  }

  /** The linear maps, and as many norms and dropouts as there are steps, in PyTorch's order. */
  protected build({ dModel, dimFeedforward, dropout, activation, layerNormEps, bias, dtype }: Values<TransformerLayerArguments>, steps: readonly (1 | 2 | 3)[]): void {
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    const parts = this as unknown as Record<`norm${1 | 2 | 3}`, LayerNorm> & Record<`dropout${1 | 2 | 3}`, Dropout>;
    for (const i of steps) parts[`norm${i}`] = new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    for (const i of steps) parts[`dropout${i}`] = new Dropout(dropout);
    this.activation = activation === 'relu' ? relu : activation === 'gelu' ? gelu : activation;
  }

  /** The two linear maps, without a dropout at the end. */
  protected feedForward(x: Tensor): Tensor {
    const hidden = part(this, 'linear1').call(x);
    return part(this, 'linear2').call(part(this, 'dropout').call(applied(this, 'activation', hidden)));
  }

  /** Adds `step` to x, the norm before or after it. */
  protected residual<Name extends 'norm1' | 'norm2' | 'norm3'>(this: TransformerLayer & Record<Name, LayerNorm>, x: Tensor, name: Name, step: (x: Tensor) => Tensor): Tensor {
    const norm = part(this, name);
    return this.normFirst ? x.add(step(norm.call(x))) : norm.call(x.add(step(x)));
  }

  /** Self-attention without weights. */
  protected attendSelf(x: Tensor, attnMask: Tensor | null, keyPaddingMask: Tensor | null, isCausal: boolean): Tensor {
    return part(this, 'dropout1').call(part<TransformerLayer, 'selfAttn'>(this, 'selfAttn').call(x, x, x, { attnMask, keyPaddingMask, needWeights: false, isCausal })[0]);
  }
}

interface EncoderLayerInputs {
  src: Tensor;
  srcMask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
  isCausal?: boolean;
}

const ENCODER_LAYER_INPUTS: Inputs<EncoderLayerInputs, ['src', 'srcMask', 'srcKeyPaddingMask', 'isCausal']> = /* @__PURE__ */ parameters('forward', () => ({
  src: tensor,
  srcMask: tensor.orNull(),
  srcKeyPaddingMask: tensor.orNull(),
  isCausal: boolean.or(false),
}));

const ENCODER_LAYER = /* @__PURE__ */ parameters<TransformerLayerArguments>('TransformerEncoderLayer', LAYER);

/**
 * Self-attention and two linear maps, each added to its input and normalised.
 *
 * **Shapes**: src and y `[S, N, dModel]`, `[N, S, dModel]` where `batchFirst`, or `[S, dModel]`; masks as those of
 * `MultiheadAttention`, srcMask `[S, S]` or `[N · nhead, S, S]`, srcKeyPaddingMask `[N, S]` or `[S]`.
 *
 * Source: Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export class TransformerEncoderLayer extends TransformerLayer {
  /** @internal */
  static readonly _parameters = ENCODER_LAYER;

  constructor(...args: Arguments<TransformerLayerArguments, Order>) {
    const options = ENCODER_LAYER.read(args);
    super(options);
    this.selfAttn = this.newAttention(options);
    this.build(options, [1, 2]);
  }

  /** @internal */
  get _inputs(): typeof ENCODER_LAYER_INPUTS {
    return ENCODER_LAYER_INPUTS;
  }

  override forward(src: Tensor, srcMask: Tensor | null = null, srcKeyPaddingMask: Tensor | null = null, isCausal = false): Tensor {
    const x = this.residual(src, 'norm1', (t) => this.attendSelf(t, srcMask, srcKeyPaddingMask, isCausal));
    return this.residual(x, 'norm2', (t) => part(this, 'dropout2').call(this.feedForward(t)));
  }
}

interface DecoderLayerInputs {
  tgt: Tensor;
  memory: Tensor;
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
  tgtIsCausal?: boolean;
  memoryIsCausal?: boolean;
}

type DecoderOrder = ['tgt', 'memory', 'tgtMask', 'memoryMask', 'tgtKeyPaddingMask', 'memoryKeyPaddingMask', 'tgtIsCausal', 'memoryIsCausal'];

const DECODER_LAYER_INPUTS: Inputs<DecoderLayerInputs, DecoderOrder> = /* @__PURE__ */ parameters('forward', () => ({
  tgt: tensor,
  memory: tensor,
  tgtMask: tensor.orNull(),
  memoryMask: tensor.orNull(),
  tgtKeyPaddingMask: tensor.orNull(),
  memoryKeyPaddingMask: tensor.orNull(),
  tgtIsCausal: boolean.or(false),
  memoryIsCausal: boolean.or(false),
}));

const DECODER_LAYER = /* @__PURE__ */ parameters<TransformerLayerArguments>('TransformerDecoderLayer', LAYER);

/**
 * Self-attention, attention to what an encoder gave, and two linear maps, each added to its input and normalised.
 *
 * **Shapes**: tgt and y `[T, N, dModel]`, memory `[S, N, dModel]`, the first two dims the other way round where `batchFirst`, or
 * without N; tgtMask `[T, T]`, memoryMask `[T, S]`, or with N · nhead in front; padding masks `[N, T]` and `[N, S]`.
 *
 * Source: Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export class TransformerDecoderLayer extends TransformerLayer {
  /** @internal */
  static readonly _parameters = DECODER_LAYER;
  declare multiheadAttn: MultiheadAttention;
  declare norm3: LayerNorm;
  declare dropout3: Dropout;

  static {
    declareMembers(this, { module: ['multiheadAttn', 'norm3', 'dropout3'] });
  }

  constructor(...args: Arguments<TransformerLayerArguments, Order>) {
    const options = DECODER_LAYER.read(args);
    super(options);
    this.selfAttn = this.newAttention(options);
    this.multiheadAttn = this.newAttention(options);
    this.build(options, [1, 2, 3]);
  }

  /** @internal */
  get _inputs(): typeof DECODER_LAYER_INPUTS {
    return DECODER_LAYER_INPUTS;
  }

  override forward(
    tgt: Tensor,
    memory: Tensor,
    tgtMask: Tensor | null = null,
    memoryMask: Tensor | null = null,
    tgtKeyPaddingMask: Tensor | null = null,
    memoryKeyPaddingMask: Tensor | null = null,
    tgtIsCausal = false,
    memoryIsCausal = false,
  ): Tensor {
    const options = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, needWeights: false, isCausal: memoryIsCausal };
    let x = this.residual(tgt, 'norm1', (t) => this.attendSelf(t, tgtMask, tgtKeyPaddingMask, tgtIsCausal));
    x = this.residual(x, 'norm2', (t) => part(this, 'dropout2').call(part<TransformerDecoderLayer, 'multiheadAttn'>(this, 'multiheadAttn').call(t, memory, memory, options)[0]));
    return this.residual(x, 'norm3', (t) => part(this, 'dropout3').call(this.feedForward(t)));
  }
}
