// The namespace `optim.swaUtils`: averages of the weights of a model.
export { AveragedModel, getEmaAvgFn, getEmaMultiAvgFn, getSwaAvgFn, getSwaMultiAvgFn, type AveragedModelOptions, type AvgFn, type MultiAvgFn } from './averaged-model';
export { SWALR, type SWALRArguments } from './swa-lr';
export { updateBn } from './update-bn';
