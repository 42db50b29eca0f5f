//! Samples turned into calls.

use adjoint_autograd::{Attr, Attrs, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor, dispatch, update};
use adjoint_tensor::{Array, DType, Result};

/// A small deterministic generator of doubles in [0, 1).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Numbers between -1 and 1 of this shape.
    pub fn like(&mut self, shape: &[usize]) -> Tensor {
        let n: usize = shape.iter().product();
        let values: Vec<f64> = (0..n).map(|_| self.next() * 2.0 - 1.0).collect();
        Tensor::from_array(Array::from_slice(&values, shape).unwrap())
    }
}

/// One call: the tensors in order, which of them have gradients, and the attributes.
#[derive(Clone)]
pub struct Case {
    pub inputs: Vec<Option<Tensor>>,
    pub wants: Vec<bool>,
    pub attrs: Attrs,
}

/// Whether some input's gradient is to be tested and is not empty.
pub fn has_gradient(sample: &Sample) -> bool {
    sample.args.iter().any(|a| match a {
        SampleArg::Tensor(t) => t.requires_grad,
        SampleArg::Tensors(list) => list.iter().flatten().any(|t| t.requires_grad),
        SampleArg::Attr(_) => false,
    })
}

fn draw(t: &SampleTensor, numbers: &mut Numbers) -> Tensor {
    let n: usize = t.shape.iter().product();
    let (low, high) = t.range;
    let mut values: Vec<f64> = Vec::with_capacity(n);
    let mut tries = 0;
    while values.len() < n {
        tries += 1;
        assert!(tries < 100_000, "the sample's range leaves no room");
        let mut v = low + (high - low) * numbers.next();
        if !t.dtype.is_float() {
            v = if t.dtype == DType::Bool { f64::from(u8::from(v >= (low + high) / 2.0)) } else { v.floor() };
        }
        let gap = 0.3 * (high - low) / (n as f64).max(1.0);
        let free = t.avoid.iter().all(|p| (v - p).abs() >= 0.05);
        if free && !(t.distinct && values.iter().any(|u| (u - v).abs() < gap.min(0.05))) {
            values.push(v);
        }
    }
    let array = Array::from_slice(&values, &t.shape).unwrap().cast(t.dtype).unwrap();
    Tensor::from_array(array)
}

impl Case {
    /// The call of a sample of `op`. A tensor that was left out, behind the last argument too, is an absent input.
    pub fn new(op: &OpDef, sample: &Sample) -> Self {
        Case::drawn(op, sample, 0)
    }

    /// The same with other values for another seed.
    pub fn drawn(op: &OpDef, sample: &Sample, seed: u64) -> Self {
        let mut numbers = Numbers::new(sample.label.bytes().map(u64::from).sum::<u64>() + 7 + seed * 1000);
        let (mut inputs, mut wants, mut attrs) = (Vec::new(), Vec::new(), Attrs::new());
        let mut lengths = Vec::new();
        let mut add = |t: Option<&SampleTensor>| {
            inputs.push(t.map(|t| draw(t, &mut numbers)));
            wants.push(t.is_some_and(|t| t.requires_grad));
        };
        for (i, arg) in op.args.iter().enumerate() {
            match sample.args.get(i) {
                Some(SampleArg::Tensor(t)) => add(Some(t)),
                Some(SampleArg::Tensors(list)) => {
                    list.iter().for_each(|t| add(t.as_ref()));
                    lengths.push(list.len() as i64);
                }
                Some(SampleArg::Attr(Attr::None)) | None if arg.kind.is_tensor() => add(None),
                Some(SampleArg::Attr(a)) => attrs.0.push(a.clone()),
                None => {}
            }
        }
        if op.has_lengths() {
            attrs = attrs.ints(&lengths);
        }
        Case { inputs, wants, attrs }
    }

    /// The same call with each tensor replaced.
    pub fn map(&self, f: impl Fn(usize, &Tensor) -> Tensor) -> Self {
        let inputs = self.inputs.iter().enumerate().map(|(i, t)| t.as_ref().map(|t| f(i, t))).collect();
        Case { inputs, ..self.clone() }
    }

    /// Fresh leaves that require grad where the sample says so.
    pub fn leaves(&self) -> Self {
        self.map(|i, t| {
            let leaf = t.detach();
            leaf.set_requires_grad(self.wants[i]).unwrap();
            leaf
        })
    }

    /// Runs it; of an op that writes lists of tensors, gives those it wrote.
    pub fn run(&self, op: &'static OpDef) -> Result<Outputs> {
        let refs: Vec<Option<&Tensor>> = self.inputs.iter().map(Option::as_ref).collect();
        let outputs = dispatch(op, &refs, self.attrs.clone())?;
        if !op.has_lengths() {
            return Ok(outputs);
        }
        Ok(update::written(op, &refs, &self.attrs)?.into_iter().flatten().cloned().collect())
    }

    /// The leaves whose gradients are wanted.
    pub fn wanted(&self) -> Vec<Tensor> {
        self.inputs.iter().zip(&self.wants).filter(|(_, w)| **w).filter_map(|(t, _)| t.clone()).collect()
    }
}
