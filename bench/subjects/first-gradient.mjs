// From nothing to a gradient: what a short program waits for.
import { tensor } from 'adjoint';

const x = tensor([1, 2, 3], { requiresGrad: true });
x.mul(x).sum().backward();
if (x.grad.tolist()[2] !== 6) process.exitCode = 1;
