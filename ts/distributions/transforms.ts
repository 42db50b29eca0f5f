// The namespace `distributions.transforms`.
export { ComposeTransform, IndependentTransform, Transform, identityTransform } from './transform';
export { AbsTransform, AffineTransform, ExpTransform, PowerTransform, SigmoidTransform, SoftplusTransform, TanhTransform } from './elementwise-transforms';
export {
  CatTransform,
  CorrCholeskyTransform,
  LowerCholeskyTransform,
  PositiveDefiniteTransform,
  ReshapeTransform,
  SoftmaxTransform,
  StackTransform,
  StickBreakingTransform,
} from './shaped-transforms';
export { CumulativeDistributionTransform } from './cdf-transform';
export { bijectTo, transformTo } from './constraint-registry';
export type { ConstraintKind, ConstraintRegistry, TransformFactory } from './constraint-registry';
