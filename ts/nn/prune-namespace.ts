// The namespace `nn.utils.prune`.
export { BasePruningMethod, PruningContainer, type PruneOptions, type PruningType } from './prune';
export { CustomFromMask, Identity, L1Unstructured, LnStructured, RandomStructured, RandomUnstructured } from './prune-methods';
export {
  customFromMask,
  globalUnstructured,
  identity,
  isPruned,
  l1Unstructured,
  lnStructured,
  randomStructured,
  randomUnstructured,
  remove,
} from './prune-functions';
