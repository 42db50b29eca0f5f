// The namespace `data`, PyTorch's `torch.utils.data`.
export { Dataset, Subset, TensorDataset, type Items } from './dataset';
export { DataLoader, type DataLoaderOptions } from './loader';
export { defaultCollate } from './collate';
