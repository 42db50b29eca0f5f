// The grey values of MNIST as networks take them. Nothing here needs Node: pages and Workers share it.
import type { Tensor } from 'adjoint';

/** Grey values 0 … 255 as numbers around 0 with standard deviation 1 over the training images. */
export function normalized(images: Tensor): Tensor {
  return images.to('float32').div(255).sub(0.1307).div(0.3081);
}
