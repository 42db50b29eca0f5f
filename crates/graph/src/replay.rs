//! Running a record on other inputs.

use crate::program::{Call, Constant, Program, Step};
use adjoint_autograd::{Tensor, dispatch, dispatch_in_place, modes};
use adjoint_ops::naming::camel_case;
use adjoint_tensor::{Error, Result};

impl Program {
    /// Runs the program on `inputs`; what it returns are its outputs.
    ///
    /// # Errors
    /// The record does not hold for such inputs, or a call fails.
    pub fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        self.check_inputs(&inputs)?;
        let mut values: Vec<Option<Tensor>> = vec![None; self.values.len()];
        for constant in &self.constants {
            values[constant.value as usize] = Some(constant.begin()?);
        }
        for (value, t) in self.inputs.iter().zip(inputs) {
            values[*value as usize] = Some(t);
        }
        for (i, step) in self.steps.iter().enumerate() {
            step.run(&mut values)?;
            self.check_shapes(step, &values)?;
            for &value in self.liveness.dead_after(i) {
                values[value as usize] = None;
            }
        }
        let output = |value: &u32| values[*value as usize].clone();
        self.outputs
            .iter()
            .map(|value| output(value).ok_or_else(|| Error::usage("an output was not computed")))
            .collect()
    }

    /// Fails where the record does not hold for inputs such as these.
    fn check_inputs(&self, given: &[Tensor]) -> Result<()> {
        if given.len() != self.inputs.len() {
            return Err(Error::usage(format!("takes {} inputs, got {}", self.inputs.len(), given.len())));
        }
        for (i, (t, value)) in given.iter().zip(&self.inputs).enumerate() {
            let was = &self.values[*value as usize];
            let differs = t.shape() != was.shape() || t.dtype() != was.dtype;
            if let (Some(what), true) = (&self.facts_read_by, differs) {
                return Err(Error::usage(format!(
                    "input {i} is {} {:?} and was {} {:?} when the function was captured, where {} went by shapes or \
                     dtypes; capture the function again for such inputs",
                    t.dtype().name(),
                    t.shape(),
                    was.dtype.name(),
                    was.shape(),
                    camel_case(what)
                )));
            }
            let required = self.requires_grad.get(i).copied().unwrap_or_default();
            if let (Some(what), true) = (&self.requires_grad_read_by, required != t.requires_grad()) {
                return Err(Error::usage(format!(
                    "input {i} has requiresGrad {} and had {required} when the function was captured, where {} went by that; \
                     capture the function again for such inputs",
                    t.requires_grad(),
                    camel_case(what)
                )));
            }
        }
        Ok(())
    }

    /// Fails where this step made a tensor whose shape was read and is another one now. The inputs
    /// have the shapes they had then, so it depends on values.
    fn check_shapes(&self, step: &Step, values: &[Option<Tensor>]) -> Result<()> {
        let Step::Call(call) = step else { return Ok(()) };
        for &value in call.outputs.iter().filter(|value| self.shapes_read.contains(value)) {
            let was = self.values[value as usize].shape();
            let Some(t) = values[value as usize].as_ref().filter(|t| t.shape() != was) else { continue };
            return Err(Error::shape(format!(
                "{} made a tensor of shape {:?} where the function read its shape {was:?} when it was captured; capture \
                 the function again for such inputs, or do not read shapes that depend on values",
                camel_case(call.op.def().shown_name()),
                t.shape(),
            )));
        }
        Ok(())
    }
}

impl Constant {
    /// What a replay begins with: the tensor, or a copy of it.
    fn begin(&self) -> Result<Tensor> {
        if !self.is_copied {
            return Ok(self.tensor.clone());
        }
        let array = self.tensor.array();
        Ok(Tensor::from_array(array.copy(array.dtype())?))
    }
}

impl Step {
    fn run(&self, values: &mut [Option<Tensor>]) -> Result<()> {
        match self {
            Step::Call(call) => call.run(values),
            Step::Detach { from, to } => {
                values[*to as usize] = values[*from as usize].as_ref().map(Tensor::detach);
                Ok(())
            }
        }
    }
}

impl Call {
    fn run(&self, values: &mut [Option<Tensor>]) -> Result<()> {
        let _grad = self.grad.map(modes::GradMode::set);
        let _inference = self.inference.map(modes::Inference::set);
        let inputs: Vec<Option<&Tensor>> =
            self.inputs.iter().map(|value| value.and_then(|value| values[value as usize].as_ref())).collect();
        let op = self.op.def();
        if self.in_place {
            return dispatch_in_place(op, &inputs, self.attrs.clone());
        }
        let outs = dispatch(op, &inputs, self.attrs.clone())?;
        if outs.len() != self.outputs.len() {
            return Err(Error::shape(format!(
                "{} made {} tensors and made {} when the function was captured; capture the function again for such inputs",
                camel_case(op.shown_name()),
                outs.len(),
                self.outputs.len()
            )));
        }
        for (value, t) in self.outputs.iter().zip(outs) {
            values[*value as usize] = Some(t);
        }
        Ok(())
    }
}
