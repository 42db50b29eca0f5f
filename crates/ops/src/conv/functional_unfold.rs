//! The patches of images as columns.

use crate::pool::unfold_axis::unfold_axis;
use crate::shared::conv::patches::Patches;
use crate::shared::view::samples::{call, fails, ints};
use crate::view::{permute::permute, reshape::reshape, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attrs, Body, Half, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let given = required(inputs, 0);
    let x = match given.rank() {
        4 => given.clone(),
        3 => unsqueeze(given, 0)?,
        _ => {
            return Err(Error::shape(format!(
                "expected an input of 4 dims, or 3 without a batch, got {:?}",
                given.shape()
            )));
        }
    };
    let [batch, channels, height, width] = *x.shape() else { unreachable!("four dims") };
    if channels == 0 || height == 0 || width == 0 {
        return Err(Error::shape(format!(
            "expected an input of which only the batch is empty, got {:?}",
            given.shape()
        )));
    }
    let lists = [attrs.get_ints(0)?, attrs.get_ints(1)?, attrs.get_ints(2)?, attrs.get_ints(3)?];
    let patches = Patches::new(lists, [height, width])?;
    let [rows, cols] = patches.windows;
    // [N, C, oH, kH, oW, kW]
    let apart = unfold_axis(&unfold_axis(&x, 3, &cols)?, 2, &rows)?;
    let [kh, kw] = patches.kernel;
    let columns = [batch, channels * kh * kw, patches.count()];
    let y = reshape(&permute(&apart, &[0, 1, 3, 5, 2, 4])?, &columns)?;
    Ok(smallvec![if given.rank() == 4 { y } else { squeeze(&y, 0)? }])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "functional_unfold",
    doc: "Returns the patches of images as columns, as `nn.functional.unfold` (im2col).\n\n\
          **Shapes**: `input` `[N, C, H, W]` or `[C, H, W]`, result `[N, C·kH·kW, L]`, one column for each of the \
          `L = ∏ ⌊(size + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1` places of the kernel, row by row. Sizes are one number or two, \
          rows first; outside the image there are zeros. Its gradient is `fold`. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.unfold`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("kernel_size", Kind::Ints),
        Arg::optional("dilation", Kind::Ints, Default::Int(1)),
        Arg::optional("padding", Kind::Ints, Default::Int(0)),
        Arg::optional("stride", Kind::Ints, Default::Int(1)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples: || {
        vec![
            call("a batch", &[2, 2, 3, 4], [ints(&[2]), ints(&[1]), ints(&[0]), ints(&[1])]),
            call("one image", &[1, 4, 5], [ints(&[2, 3]), ints(&[2, 1]), ints(&[1]), ints(&[1, 2])]),
            call("an empty batch", &[0, 1, 3, 3], [ints(&[2]), ints(&[1]), ints(&[0]), ints(&[1])]),
        ]
    },
    errors: || {
        let usual = |kernel| [ints(kernel), ints(&[1]), ints(&[0]), ints(&[1])];
        vec![
            fails(call("no room", &[1, 1, 2, 2], usual(&[3])), Code::Shape, "room for a patch"),
            fails(call("two dims", &[2, 2], usual(&[1])), Code::Shape, "an input of 4 dims"),
            fails(call("no columns", &[1, 1, 2, 0], usual(&[1])), Code::Shape, "only the batch"),
            fails(call("three sizes", &[1, 1, 2, 2], usual(&[1, 1, 1])), Code::Usage, "a list of 2"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
