// The namespace `data`, PyTorch's `torch.utils.data`.
export { Dataset, Subset, TensorDataset, type Items, type Rows } from './dataset';
export { DataLoader, type DataLoaderOptions } from './loader';
export { randomSplit, type RandomSplitArguments } from './split';
export { defaultCollate, type Collated } from './collate';
