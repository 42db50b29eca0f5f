// Numbers that PyTorch has names for.

/** The ratio of a circle's circumference to its diameter: `torch.pi`. */
export const pi = Math.PI;

/** The base of natural logarithms: `torch.e`. */
export const e = Math.E;

/** What is greater than every number: `torch.inf`. */
export const inf = Infinity;

/** What is not a number: `torch.nan`. */
export const nan = NaN;
