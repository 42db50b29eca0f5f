// The namespace `optim.lrScheduler`.
export { LRScheduler, type SchedulerState } from './scheduler';
export { CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, MultiStepLR, PolynomialLR, StepLR } from './schedules';
export { ReduceLROnPlateau, type PlateauOptions, type PlateauState } from './plateau';
export { ConstantLR, MultiplicativeLR } from './factors';
export { CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR, type CyclicLRArguments, type OneCycleLRArguments, type WarmRestartsArguments } from './cycles';
export { ChainedScheduler, SequentialLR, type ChainedSchedulerArguments, type SequentialLRArguments } from './combined';
