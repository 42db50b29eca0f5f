//! The product of several matrices, in the order that costs least.

use crate::contract::matmul::matmul;
use crate::shared::linalg::COMPOSITE;
use crate::view::{squeeze::squeeze, unsqueeze::unsqueeze};
use adjoint_autograd::{Arg, Body, ErrorSample, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor};
use adjoint_tensor::{Code, Error, Result, scratch};
use smallvec::smallvec;

/// For each part of the chain, `i` to `j`, where its last product is between. Source: Cormen,
/// Leiserson, Rivest, Stein, Introduction to Algorithms, section 14.2.
fn splits(sizes: &[usize], n: usize) -> Result<Vec<usize>> {
    let (mut cost, mut split) = (scratch::filled(0.0f64, n * n)?, scratch::filled(0, n * n)?);
    for length in 1..n {
        for i in 0..n - length {
            let j = i + length;
            cost[i * n + j] = f64::INFINITY;
            for k in i..j {
                let last = sizes[i] as f64 * sizes[k + 1] as f64 * sizes[j + 1] as f64;
                let all = cost[i * n + k] + cost[(k + 1) * n + j] + last;
                if all < cost[i * n + j] {
                    (cost[i * n + j], split[i * n + j]) = (all, k);
                }
            }
        }
    }
    Ok(split)
}

fn product(chain: &[Tensor], split: &[usize], i: usize, j: usize) -> Result<Tensor> {
    if i == j {
        return Ok(chain[i].clone());
    }
    let k = split[i * chain.len() + j];
    matmul(&product(chain, split, i, k)?, &product(chain, split, k + 1, j)?)
}

fn body(inputs: &[Option<&Tensor>]) -> Result<Outputs> {
    let tensors: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    let n = tensors.len();
    if n < 2 {
        return Err(Error::usage(format!("expected at least 2 tensors, got {n}")));
    }
    let (first, last) = (tensors[0].rank() == 1, tensors[n - 1].rank() == 1);
    let mut chain = scratch::with_room(n)?;
    for (i, t) in tensors.iter().enumerate() {
        chain.push(match t.rank() {
            2 => (*t).clone(),
            1 if i == 0 => unsqueeze(t, 0)?,
            1 if i == n - 1 => unsqueeze(t, 1)?,
            _ => {
                return Err(Error::shape(format!(
                    "tensor {i} must be a matrix, or a vector where it is the first or last, got shape {:?}",
                    t.shape()
                )));
            }
        });
    }
    for (i, pair) in chain.windows(2).enumerate() {
        let (a, b) = (pair[0].shape(), pair[1].shape());
        if a[1] != b[0] {
            return Err(Error::shape(format!(
                "tensors {i} and {} with shapes {a:?} and {b:?} cannot be multiplied",
                i + 1
            )));
        }
    }
    let sizes: Vec<usize> = std::iter::once(chain[0].shape()[0]).chain(chain.iter().map(|t| t.shape()[1])).collect();
    let mut out = product(&chain, &splits(&sizes, n)?, 0, n - 1)?;
    if last {
        out = squeeze(&out, 1)?;
    }
    if first {
        out = squeeze(&out, 0)?;
    }
    Ok(smallvec![out])
}

fn sample(label: &str, shapes: &[&[usize]]) -> Sample {
    Sample::new(label, vec![SampleArg::Tensors(shapes.iter().map(|s| Some(SampleTensor::new(s))).collect())])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "multi_dot",
    doc: "Returns the product of two or more matrices, in the order that takes the fewest multiplications.\n\n\
          **Shapes**: each has as many columns as the next has rows; the first may be a vector, which counts as a row, and the last, \
          which counts as a column, and those dims disappear. Source: PyTorch, `torch.linalg.multi_dot`.",
    args: &[Arg::required("tensors", Kind::Tensors)],
    body: Body::Composite(|inputs, _| body(inputs)),
    samples: || {
        vec![
            sample("two", &[&[2, 3], &[3, 2]]),
            sample("four", &[&[2, 3], &[3, 1], &[1, 4], &[4, 2]]),
            sample("vectors at both ends", &[&[3], &[3, 2], &[2]]),
        ]
    },
    errors: || {
        let fails = |sample, code, message| ErrorSample { sample, code, message };
        vec![
            fails(sample("one", &[&[2, 3]]), Code::Usage, "at least 2 tensors"),
            fails(sample("other sizes", &[&[2, 3], &[2, 3]]), Code::Shape, "cannot be multiplied"),
        ]
    },
    ..COMPOSITE
}
.shipped();
