// Stacks of transformer layers, and the whole of encoder and decoder.
import type { DType, Device } from '../core/dtype';
import { ShapeError } from '../core/errors';
import { full } from '../generated/functions';
import { boolean, device, dtype, instanceOf, integerFrom } from '../core/kinds';
import { checkArgument, named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { additiveMask } from './attend';
import { ModuleList } from './containers';
import { xavierUniform_ } from './init';
import type { Inputs } from './inputs';
import { layerCount } from './layer-count';
import { declareMembers } from './members';
import { Module } from './module';
import { LayerNorm } from './normalization';
import { part, partsOf } from './parts';
import { LAYER, TransformerDecoderLayer, TransformerEncoderLayer, type TransformerLayerOptions } from './transformer-layer';

const moduleKind = () => instanceOf<Module>('a module', () => Module);

/** The layer and as many copies as are missing: `count` in all, none of which is `layer` itself. */
function clones<M extends Module>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => layer.clone()));
}

/** Calls a module that need not be one of ours with arguments by name. */
function run(module: Module, ...args: unknown[]): Tensor {
  return (module.call as (...args: unknown[]) => Tensor)(...args);
}

/** A layer of an encoder: of a class of ours, or of the user's that takes the same. */
type Layer = Module;

/** The arguments of `TransformerEncoder`. */
export interface TransformerEncoderArguments {
  /** What is copied, values and all. */
  encoderLayer: Layer;
  /** How many copies there are. */
  numLayers: number;
  /** What follows the last layer. */
  norm?: Module | null;
  /** PyTorch's choice among ways of computing the same. */
  enableNestedTensor?: boolean;
  /** PyTorch's choice among ways of computing the same. */
  maskCheck?: boolean;
}

const ENCODER = /* @__PURE__ */ parameters<TransformerEncoderArguments>('TransformerEncoder', () => ({
  encoderLayer: moduleKind(),
  numLayers: layerCount(0),
  norm: moduleKind().orNull(),
  enableNestedTensor: boolean.or(true),
  maskCheck: boolean.or(true),
}));

interface EncoderInputs {
  src: Tensor;
  mask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
  /** That `mask` is the causal one. */
  isCausal?: boolean | null;
}

const ENCODER_INPUTS: Inputs<EncoderInputs, ['src', 'mask', 'srcKeyPaddingMask', 'isCausal']> = /* @__PURE__ */ parameters('forward', () => ({
  src: tensor,
  mask: tensor.orNull(),
  srcKeyPaddingMask: tensor.orNull(),
  isCausal: boolean.orNull(),
}));

/** Copies of a layer one after the other. **Shapes**: as those of the layer, {@link TransformerEncoderLayer}. */
export class TransformerEncoder extends Module {
  /** @internal */
  static readonly _parameters = ENCODER;
  readonly numLayers: number;
  declare layers: ModuleList;
  declare norm: Module | null;

  static {
    declareMembers(this, { module: ['layers', 'norm'] });
  }

  constructor(...args: Arguments<TransformerEncoderArguments, ['encoderLayer', 'numLayers', 'norm', 'enableNestedTensor', 'maskCheck']>) {
    super();
    const { encoderLayer, numLayers, norm } = ENCODER.read(args);
    this.layers = clones(encoderLayer, numLayers);
    this.numLayers = numLayers;
    if (norm !== null) this.norm = norm;
  }

  /** @internal */
  get _inputs(): typeof ENCODER_INPUTS {
    return ENCODER_INPUTS;
  }

  override forward(src: Tensor, mask: Tensor | null = null, srcKeyPaddingMask: Tensor | null = null, isCausal: boolean | null = null): Tensor {
    checkArgument('TransformerEncoder', 'src', src, tensor);
    const options = {
      srcMask: additiveMask('TransformerEncoder', 'mask', mask, src.dtype),
      srcKeyPaddingMask: additiveMask('TransformerEncoder', 'srcKeyPaddingMask', srcKeyPaddingMask, src.dtype),
      isCausal: isCausal ?? false,
    };
    let out = src;
    for (const layer of partsOf(this, 'layers')) out = run(layer, out, options);
    return this.norm instanceof Module ? run(this.norm, out) : out;
  }
}

/** The arguments of `TransformerDecoder`. */
export interface TransformerDecoderArguments {
  /** What is copied, values and all. */
  decoderLayer: Layer;
  /** How many copies there are. */
  numLayers: number;
  /** What follows the last layer. */
  norm?: Module | null;
}

const DECODER = /* @__PURE__ */ parameters<TransformerDecoderArguments>('TransformerDecoder', () => ({
  decoderLayer: moduleKind(),
  numLayers: layerCount(0),
  norm: moduleKind().orNull(),
}));

interface DecoderInputs {
  tgt: Tensor;
  memory: Tensor;
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
  /** That `tgtMask` is the causal one. */
  tgtIsCausal?: boolean | null;
  /** That `memoryMask` is the causal one. */
  memoryIsCausal?: boolean;
}

type DecoderOrder = ['tgt', 'memory', 'tgtMask', 'memoryMask', 'tgtKeyPaddingMask', 'memoryKeyPaddingMask', 'tgtIsCausal', 'memoryIsCausal'];

const DECODER_INPUTS: Inputs<DecoderInputs, DecoderOrder> = /* @__PURE__ */ parameters('forward', () => ({
  tgt: tensor,
  memory: tensor,
  tgtMask: tensor.orNull(),
  memoryMask: tensor.orNull(),
  tgtKeyPaddingMask: tensor.orNull(),
  memoryKeyPaddingMask: tensor.orNull(),
  tgtIsCausal: boolean.orNull(),
  memoryIsCausal: boolean.or(false),
}));

/** Copies of a layer one after the other. **Shapes**: as those of the layer, {@link TransformerDecoderLayer}. */
export class TransformerDecoder extends Module {
  /** @internal */
  static readonly _parameters = DECODER;
  readonly numLayers: number;
  declare layers: ModuleList;
  declare norm: Module | null;

  static {
    declareMembers(this, { module: ['layers', 'norm'] });
  }

  constructor(...args: Arguments<TransformerDecoderArguments, ['decoderLayer', 'numLayers', 'norm']>) {
    super();
    const { decoderLayer, numLayers, norm } = DECODER.read(args);
    this.layers = clones(decoderLayer, numLayers);
    this.numLayers = numLayers;
    if (norm !== null) this.norm = norm;
  }

  /** @internal */
  get _inputs(): typeof DECODER_INPUTS {
    return DECODER_INPUTS;
  }

  override forward(
    tgt: Tensor,
    memory: Tensor,
    tgtMask: Tensor | null = null,
    memoryMask: Tensor | null = null,
    tgtKeyPaddingMask: Tensor | null = null,
    memoryKeyPaddingMask: Tensor | null = null,
    tgtIsCausal: boolean | null = null,
    memoryIsCausal = false,
  ): Tensor {
    const options = { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal: tgtIsCausal ?? false, memoryIsCausal };
    let out = tgt;
    for (const layer of partsOf(this, 'layers')) out = run(layer, out, memory, options);
    return this.norm instanceof Module ? run(this.norm, out) : out;
  }
}

/** The arguments of `Transformer`. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** The size of inputs and outputs; 512 by default. */
  dModel?: number;
  /** How many heads attention has; 8 by default. */
  nhead?: number;
  /** How many layers the encoder has; 6 by default. */
  numEncoderLayers?: number;
  /** How many layers the decoder has; 6 by default. */
  numDecoderLayers?: number;
  /** What takes the place of the encoder. */
  customEncoder?: Module | null;
  /** What takes the place of the decoder. */
  customDecoder?: Module | null;
}

const TRANSFORMER = /* @__PURE__ */ parameters<TransformerOptions>('Transformer', () => {
  const { dModel, nhead, dimFeedforward, dropout, activation, ...others } = LAYER();
  return {
    dModel: dModel.or(512),
    nhead: nhead.or(8),
    numEncoderLayers: layerCount(0).or(6),
    numDecoderLayers: layerCount(0).or(6),
    dimFeedforward,
    dropout,
    activation,
    customEncoder: moduleKind().orNull(),
    customDecoder: moduleKind().orNull(),
    ...others,
  };
});

type TransformerOrder = [
  'dModel', 'nhead', 'numEncoderLayers', 'numDecoderLayers', 'dimFeedforward', 'dropout', 'activation', 'customEncoder', 'customDecoder',
  'layerNormEps', 'batchFirst', 'normFirst', 'bias', 'device', 'dtype',
];

interface TransformerInputs {
  src: Tensor;
  tgt: Tensor;
  srcMask?: Tensor | null;
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
  srcIsCausal?: boolean | null;
  tgtIsCausal?: boolean | null;
  memoryIsCausal?: boolean;
}

type TransformerInputOrder = [
  'src', 'tgt', 'srcMask', 'tgtMask', 'memoryMask', 'srcKeyPaddingMask', 'tgtKeyPaddingMask', 'memoryKeyPaddingMask', 'srcIsCausal', 'tgtIsCausal', 'memoryIsCausal',
];

const TRANSFORMER_INPUTS: Inputs<TransformerInputs, TransformerInputOrder> = /* @__PURE__ */ parameters('forward', () => ({
  src: tensor,
  tgt: tensor,
  srcMask: tensor.orNull(),
  tgtMask: tensor.orNull(),
  memoryMask: tensor.orNull(),
  srcKeyPaddingMask: tensor.orNull(),
  tgtKeyPaddingMask: tensor.orNull(),
  memoryKeyPaddingMask: tensor.orNull(),
  srcIsCausal: boolean.orNull(),
  tgtIsCausal: boolean.orNull(),
  memoryIsCausal: boolean.or(false),
}));

interface MaskArguments {
  /** The length of the sequence. */
  sz: number;
  /** Where the mask is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the mask; float32 by default. */
  dtype?: DType | null;
}

/**
 * An encoder, and a decoder that attends to what it gives.
 *
 * **Shapes**: src `[S, N, dModel]`, tgt and y `[T, N, dModel]`, the first two dims the other way round where `batchFirst`, or without
 * N; masks as those of `TransformerEncoderLayer` and `TransformerDecoderLayer`.
 *
 * Source: Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export class Transformer extends Module {
  /** @internal */
  static readonly _parameters = TRANSFORMER;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;
  declare encoder: Module;
  declare decoder: Module;

  static {
    declareMembers(this, { module: ['encoder', 'decoder'] });
  }

  /** A mask for which no position sees a later one: −∞ above the diagonal and else 0, `[sz, sz]`. */
  static readonly generateSquareSubsequentMask: Stated & ((...args: Arguments<MaskArguments, ['sz', 'device', 'dtype']>) => Tensor) = /* @__PURE__ */ named(
    /* @__PURE__ */ parameters<MaskArguments>('generateSquareSubsequentMask', () => ({ sz: integerFrom(0), device: device(), dtype: dtype.orNullFor('float32') })),
    ({ sz, dtype }) => full([sz, sz], -Infinity, { dtype }).triu(1),
  );

  constructor(...args: Arguments<TransformerOptions, TransformerOrder>) {
    super();
    const { numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...layer } = TRANSFORMER.read(args);
    const { dModel, nhead, batchFirst, layerNormEps, bias, dtype } = layer;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, dtype });
    this.encoder = customEncoder ?? new TransformerEncoder(new TransformerEncoderLayer(layer), numEncoderLayers, norm());
    this.decoder = customDecoder ?? new TransformerDecoder(new TransformerDecoderLayer(layer), numDecoderLayers, norm());
    for (const p of this.parameters()) if (p.ndim > 1) xavierUniform_(p);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
  }

  /** @internal */
  get _inputs(): typeof TRANSFORMER_INPUTS {
    return TRANSFORMER_INPUTS;
  }

  override forward(
    src: Tensor,
    tgt: Tensor,
    srcMask: Tensor | null = null,
    tgtMask: Tensor | null = null,
    memoryMask: Tensor | null = null,
    srcKeyPaddingMask: Tensor | null = null,
    tgtKeyPaddingMask: Tensor | null = null,
    memoryKeyPaddingMask: Tensor | null = null,
    srcIsCausal: boolean | null = null,
    tgtIsCausal: boolean | null = null,
    memoryIsCausal = false,
  ): Tensor {
    const where = 'Transformer';
    for (const [name, value] of Object.entries({ src, tgt })) checkArgument(where, name, value, tensor);
    const batch = this.batchFirst ? 0 : 1;
    const shapes = `[${src.shape.join(', ')}] and [${tgt.shape.join(', ')}]`;
    if (src.ndim === 3 && src.size(batch) !== tgt.shape[batch]) {
      throw new ShapeError(`${where}: src and tgt must have as many samples each, got shapes ${shapes}`, where);
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new ShapeError(`${where}: the last dim of src and tgt must be dModel (${this.dModel}), got shapes ${shapes}`, where);
    }
    const memory = run(part(this, 'encoder'), src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return run(part(this, 'decoder'), tgt, memory, { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal, memoryIsCausal });
  }
}
