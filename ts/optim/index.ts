// The namespace `optim`: optimizers and schedules of their learning rates.
export { Optimizer, type OptimizerState, type ParamGroup, type ParamState, type Params } from './optimizer';
export { SGD, type SGDOptions } from './sgd';
export { Adam, AdamW, type AdamOptions } from './adam';
export * as lrScheduler from './lr-scheduler';
export * as swaUtils from './swa-utils';
