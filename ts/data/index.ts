// The namespace `data`, PyTorch's `torch.utils.data`.
export { Dataset, Subset, TensorDataset, type Items, type Rows } from './dataset';
export { ConcatDataset, StackDataset, type Stacked } from './joined';
export { ChainDataset, IterableDataset, type Stream } from './iterable';
export { DataLoader, type DataLoaderArguments, type DataLoaderOptions, type Source } from './loader';
export {
  BatchSampler,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type BatchSamplerArguments,
  type RandomSamplerArguments,
  type SubsetRandomSamplerArguments,
  type WeightedRandomSamplerArguments,
} from './sampler';
export { randomSplit, type RandomSplitArguments } from './split';
export { defaultCollate, defaultConvert, type Collated } from './collate';
export { inWorkers, type InWorkersArguments, type WorkerModule } from './workers';
export { getWorkerInfo, type WorkerInfo } from './serving';
export { CsvTable, parseCsv, readCsv, type CsvOptions, type ReadCsvArguments } from './read-csv';
export { readIdx } from './read-idx';
export { readImage, type ImageMode, type ReadImageArguments, type RgbaImage } from './read-image';
export { progress, type ProgressOptions, type ProgressOutput } from './progress';
export type { FileSource } from './bytes';
