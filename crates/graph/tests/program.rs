//! Records: what a capture makes of a function, what `verify` refuses, and what a replay gives.

use adjoint_autograd::interpreter::{self, Untraced};
use adjoint_autograd::{Tensor, engine, modes};
use adjoint_graph::liveness::Liveness;
use adjoint_graph::verify::{Fault, verify};
use adjoint_graph::{OpId, Program, Step, capture};
use adjoint_ops::elementwise::{add, mul};
use adjoint_ops::reduce::sum::sum_all;
use adjoint_ops::{install, registry};
use adjoint_tensor::{Array, DType, Result};

fn vector(values: &[f64]) -> Tensor {
    Tensor::from_array(Array::from_slice(values, &[values.len()]).unwrap())
}

fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

/// The record of a function of one vector of two.
fn captured(f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Program> {
    install();
    let x = vector(&[1.0, 2.0]);
    capture::start(std::slice::from_ref(&x))?;
    match f(&x) {
        Ok(out) => capture::finish(&[out]),
        Err(e) => {
            capture::cancel();
            Err(e)
        }
    }
}

/// x² + x² · 3, whose steps are mul, mul, add.
fn polynomial() -> Program {
    let three = vector(&[3.0, 3.0]);
    captured(|x| {
        let square = mul::mul(x, x)?;
        add::add(&square, &mul::mul(&square, &three)?)
    })
    .unwrap()
}

fn run(program: &Program, x: &[f64]) -> Vec<f64> {
    values(&program.run(vec![vector(x)]).unwrap()[0])
}

#[test]
fn a_replay_computes_the_function() {
    assert_eq!(run(&polynomial(), &[1.0, -2.0]), [4.0, 16.0]);
}

#[test]
fn every_op_has_an_id() {
    for (op, id) in registry::ops().zip(0..) {
        assert_eq!(OpId::of(op), Some(OpId(id)));
        assert!(std::ptr::eq(OpId(id).def(), op));
    }
    assert!(!OpId(u16::MAX).exists());
}

#[test]
fn values_are_dropped_behind_the_step_that_reads_them_last() {
    let program = polynomial();
    let dead: Vec<&[u32]> = (0..3).map(|step| program.liveness.dead_after(step)).collect();
    // 0 is x, 1 its square, 2 the constant, 3 the product, 4 the sum.
    assert_eq!(dead, [&[0][..], &[2][..], &[1, 3][..]]);
    assert_eq!(program.liveness, Liveness::of(&program));
}

#[test]
fn an_in_place_write_is_a_step_and_the_value_stays() {
    let program = captured(|x| {
        let y = mul::mul(x, x)?;
        add::add_(&y, x)?;
        sum_all(&y)
    })
    .unwrap();
    let Step::Call(write) = &program.steps[1] else { panic!("no call") };
    assert!(write.in_place && write.outputs.is_empty());
    assert_eq!(run(&program, &[2.0, 3.0]), [18.0]);
    assert_eq!(run(&program, &[2.0, 3.0]), [18.0]);
}

#[test]
fn what_was_made_and_written_inside_is_copied_for_every_replay() {
    let program = captured(|x| {
        let total = vector(&[0.0, 0.0]);
        add::add_(&total, x)?;
        Ok(total)
    })
    .unwrap();
    assert!(program.constants[0].is_copied);
    assert_eq!(run(&program, &[5.0, 6.0]), [5.0, 6.0]);
    assert_eq!(run(&program, &[5.0, 6.0]), [5.0, 6.0]);
}

#[test]
fn an_alias_without_history_is_another_value() {
    let program = captured(|x| mul::mul(x, &x.detach())).unwrap();
    assert!(matches!(program.steps[0], Step::Detach { from: 0, to: 1 }));
    let x = vector(&[3.0, 4.0]);
    x.set_requires_grad(true).unwrap();
    let y = sum_all(&program.run(vec![x.clone()]).unwrap()[0]).unwrap();
    let g = engine::grad(&[y], &[], &[x], false, false, false).unwrap();
    assert_eq!(values(g[0].as_ref().unwrap()), [3.0, 4.0]);
}

#[test]
fn a_write_that_is_not_recorded_is_refused() {
    let e = captured(|x| {
        x.array().storage().bump_version();
        mul::mul(x, x)
    })
    .unwrap_err();
    assert!(e.message().contains("was written by something a record does not hold"), "{e:?}");
}

#[test]
fn what_is_no_call_is_refused_while_a_function_is_captured() {
    let e = captured(|x| {
        x.set_requires_grad(true)?;
        let y = mul::mul(x, x)?;
        engine::backward(&[sum_all(&y)?], &[], false, false, Some(std::slice::from_ref(&y)))?;
        Ok(y)
    })
    .unwrap_err();
    assert!(e.message().contains("the gradient of a computed tensor is not kept"), "{e:?}");
    assert!(interpreter::check_traced(Untraced::Value).is_ok(), "nothing is captured now");
}

#[test]
fn a_mode_that_the_function_changed_is_part_of_the_step() {
    let program = captured(|x| {
        let _off = modes::GradMode::set(false);
        mul::mul(x, x)
    })
    .unwrap();
    assert!(matches!(&program.steps[0], Step::Call(call) if call.grad == Some(false)));
}

/// The fault of a record after a change.
fn fault(change: impl FnOnce(&mut Program)) -> Option<Fault> {
    let mut program = polynomial();
    assert_eq!(verify(&program), Ok(()));
    change(&mut program);
    verify(&program).err()
}

fn call(program: &mut Program, i: usize) -> &mut adjoint_graph::Call {
    match &mut program.steps[i] {
        Step::Call(call) => call,
        _ => panic!("no call"),
    }
}

#[test]
fn a_record_that_does_not_hold_is_refused() {
    assert_eq!(fault(|p| call(p, 0).inputs[0] = Some(9)), Some(Fault::NoSuchValue(9)));
    assert_eq!(fault(|p| p.inputs.push(9)), Some(Fault::InputsDiffer));
    assert_eq!(fault(|p| call(p, 1).outputs[0] = 1), Some(Fault::DefinedTwice(1)));
    assert_eq!(fault(|p| p.steps.swap(0, 1)), Some(Fault::ReadBeforeMade(0, 1)));
    assert_eq!(fault(|p| drop(p.steps.pop())), Some(Fault::ReturnedUnmade(4)));
    assert_eq!(
        fault(|p| {
            p.steps.pop();
            p.outputs.clear();
        }),
        Some(Fault::Unmade(4))
    );
    assert_eq!(fault(|p| call(p, 2).op = OpId(u16::MAX)), Some(Fault::NoSuchOp(2)));
    let composite = registry::ops().find(|op| op.name == "outer").unwrap();
    assert_eq!(fault(|p| call(p, 0).op = OpId::of(composite).unwrap()), Some(Fault::Composite(0)));
    assert_eq!(
        fault(|p| {
            let call = call(p, 0);
            call.attrs = call.attrs.clone().with(adjoint_autograd::Attr::Int(1));
        }),
        Some(Fault::TooManyArguments(0))
    );
    assert_eq!(fault(|p| call(p, 0).in_place = true), Some(Fault::NoWrite(0)));
    assert_eq!(fault(|p| p.constants[0].tensor = vector(&[1.0])), Some(Fault::ConstantDiffers(2)));
    assert_eq!(
        fault(|p| {
            let other = Tensor::from_array(Array::zeros(&[2], DType::Float32).unwrap());
            p.values.push(adjoint_autograd::node::OutMeta::of(&other));
            p.steps.push(Step::Detach { from: 0, to: 5 });
        }),
        Some(Fault::DetachDiffers(3))
    );
    assert_eq!(fault(|p| _ = p.shapes_read.insert(7)), Some(Fault::NoSuchValue(7)));
}
