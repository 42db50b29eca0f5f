// The namespace `nn.utils.rnn`.
export {
  PackedSequence,
  invertPermutation,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
  type Lengths,
} from './packed-sequence';
