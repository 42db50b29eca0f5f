// The namespace `optim`: optimizers and schedules of their learning rates.
export { Optimizer, type OptimizerState, type ParamGroup, type ParamState, type Params } from './optimizer';
export { SGD, type SGDOptions } from './sgd';
export { Adam, AdamW, type AdamOptions } from './adam';
export { RMSprop, type RMSpropOptions } from './rmsprop';
export { Adagrad, type AdagradOptions } from './adagrad';
export { Adadelta, type AdadeltaOptions } from './adadelta';
export { Adamax, type AdamaxOptions } from './adamax';
export { NAdam, type NAdamOptions } from './nadam';
export { RAdam, type RAdamOptions } from './radam';
export { Rprop, type RpropOptions } from './rprop';
export { ASGD, type ASGDOptions } from './asgd';
export { LBFGS, type LBFGSOptions } from './lbfgs';
export { Adafactor, type AdafactorOptions } from './adafactor';
export { Muon, type MuonOptions } from './muon';
export * as lrScheduler from './lr-scheduler';
export * as swaUtils from './swa-utils';
