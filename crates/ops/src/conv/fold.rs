//! Images from their patches.

use crate::pool::unfold_axis::fold_axis;
use crate::shared::conv::patches::Patches;
use crate::shared::dims::pair;
use crate::shared::view::samples::{call, fails, ints};
use crate::view::{permute::permute, reshape::reshape, squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attrs, Body, Half, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let given = required(inputs, 0);
    let x = match given.rank() {
        3 => given.clone(),
        2 => unsqueeze(given, 0)?,
        _ => {
            return Err(Error::shape(format!(
                "expected an input of 3 dims, or 2 without a batch, got {:?}",
                given.shape()
            )));
        }
    };
    let given_size = pair(attrs.get_ints(0)?, "outputSize", 2, 1, 1)?;
    let [Ok(height), Ok(width)] = given_size.map(usize::try_from) else {
        return Err(Error::shape(format!("an outputSize of {given_size:?} is larger than any memory")));
    };
    let size = [height, width];
    let lists = [attrs.get_ints(1)?, attrs.get_ints(2)?, attrs.get_ints(3)?, attrs.get_ints(4)?];
    let patches = Patches::new(lists, size)?;
    let ([batch, rows, count], [kh, kw]) = ([x.shape()[0], x.shape()[1], x.shape()[2]], patches.kernel);
    if rows == 0 || !rows.is_multiple_of(kh * kw) {
        return Err(Error::shape(format!(
            "expected an input whose dim {} is a multiple of {}, the elements of a patch, got {:?}",
            given.rank() - 2,
            kh * kw,
            given.shape()
        )));
    }
    if count != patches.count() {
        return Err(Error::shape(format!(
            "expected an input of {} patches, one for each place of the kernel in {size:?}, got {count} in {:?}",
            patches.count(),
            given.shape()
        )));
    }
    let [down, across] = patches.windows;
    let apart = reshape(&x, &[batch, rows / (kh * kw), kh, kw, down.count, across.count])?;
    let apart = permute(&apart, &[0, 1, 4, 2, 5, 3])?;
    let y = fold_axis(&fold_axis(&apart, 4, &across, size[1])?, 2, &down, size[0])?;
    Ok(smallvec![if given.rank() == 3 { y } else { squeeze(&y, 0)? }])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "fold",
    doc: "Returns images of `outputSize` as sums of patches, each a column of `input` (col2im); the transpose of `nn.functional.unfold`.\n\n\
          **Shapes**: `input` `[N, C·kH·kW, L]` or `[C·kH·kW, L]`, with L the number of places of the kernel in an image of that size, result \
          `[N, C, H, W]`. Where patches overlap their elements are added. Sizes are one number or two, rows first. float32 and float64. \
          Source: PyTorch, `torch.nn.functional.fold`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("output_size", Kind::Ints),
        Arg::required("kernel_size", Kind::Ints),
        Arg::optional("dilation", Kind::Ints, Default::Int(1)),
        Arg::optional("padding", Kind::Ints, Default::Int(0)),
        Arg::optional("stride", Kind::Ints, Default::Int(1)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples: || {
        let attrs = |size: &[i64], rest: [&[i64]; 4]| [ints(size), ints(rest[0]), ints(rest[1]), ints(rest[2]), ints(rest[3])];
        vec![
            call("a batch", &[2, 8, 6], attrs(&[3, 4], [&[2], &[1], &[0], &[1]])),
            call("one image", &[6, 12], attrs(&[4, 5], [&[2, 3], &[2, 1], &[1], &[1, 2]])),
        ]
    },
    errors: || {
        let attrs = || [ints(&[3, 4]), ints(&[2]), ints(&[1]), ints(&[0]), ints(&[1])];
        vec![
            fails(call("rows that do not divide", &[1, 7, 6], attrs()), Code::Shape, "a multiple of 4"),
            fails(call("too few patches", &[1, 8, 5], attrs()), Code::Shape, "of 6 patches"),
            fails(call("one dim", &[8], attrs()), Code::Shape, "an input of 3 dims"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
