// PyTorch's `torch.signal`.
export * as windows from '../generated/windows';
