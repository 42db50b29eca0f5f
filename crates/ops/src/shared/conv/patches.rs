//! The arguments of taking images apart into patches and putting them together again.

use crate::shared::dims::pair;
use adjoint_kernels::windows::Windows;
use adjoint_tensor::{Error, Result};

/// Patches of images, as (rows, columns).
pub struct Patches {
    pub kernel: [usize; 2],
    /// Windows along each axis.
    pub windows: [Windows; 2],
}

/// Sizes beyond this act alike, or fit no memory.
const LONGEST: i64 = 1 << 28;

impl Patches {
    /// From kernel_size, dilation, padding and stride, for images of this size.
    pub fn new([kernel, dilation, padding, stride]: [&[i64]; 4], size: [usize; 2]) -> Result<Self> {
        let kernel = pair(kernel, "kernelSize", 2, 1, 1)?;
        let dilation = pair(dilation, "dilation", 2, 1, 1)?;
        let padding = pair(padding, "padding", 2, 0, 0)?;
        let stride = pair(stride, "stride", 2, 1, 1)?;
        let axis = |i: usize| -> Result<Windows> {
            let reach = i128::from(dilation[i]) * (i128::from(kernel[i]) - 1) + 1;
            let room = size[i] as i128 + 2 * i128::from(padding[i]) - reach;
            if room < 0 || padding[i] > LONGEST {
                return Err(Error::shape(format!(
                    "expected images with room for a patch, got size {size:?} with kernelSize {kernel:?}, dilation {dilation:?}, \
                     padding {padding:?} and stride {stride:?}"
                )));
            }
            Ok(Windows {
                count: (room / i128::from(stride[i])) as usize + 1,
                size: kernel[i] as usize,
                step: stride[i].min(LONGEST) as usize,
                dilation: dilation[i].min(LONGEST) as usize,
                padding: padding[i] as usize,
            })
        };
        Ok(Self { kernel: kernel.map(|n| n as usize), windows: [axis(0)?, axis(1)?] })
    }

    /// Patches of an image.
    pub fn count(&self) -> usize {
        self.windows[0].count * self.windows[1].count
    }
}
