// The namespace `optim.lrScheduler`.
export { LRScheduler } from './scheduler';
export { CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, MultiStepLR, PolynomialLR, StepLR } from './schedules';
export { ReduceLROnPlateau, type PlateauOptions } from './plateau';
