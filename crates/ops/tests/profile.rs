//! The profile: nesting, own and total, forward and backward, and nothing while off.

use adjoint_autograd::profile::{self, Name, Profile, Row};
use adjoint_autograd::{Tensor, engine, forward_mode};
use adjoint_ops::{elementwise as ew, reduce};
use adjoint_tensor::Array;
use std::cell::Cell;

thread_local! {
    static NOW: Cell<f64> = const { Cell::new(0.0) };
}

/// A clock that goes on by one at every look.
fn clock() -> f64 {
    NOW.set(NOW.get() + 1.0);
    NOW.get()
}

fn leaf() -> Tensor {
    adjoint_ops::install();
    let t = Tensor::from_array(Array::from_slice(&[1.0f32, 2.0, 3.0], &[3]).unwrap());
    t.set_requires_grad(true).unwrap();
    t
}

fn row<'a>(profile: &'a Profile, name: &str, backward: bool) -> &'a Row {
    let is = |row: &&Row| {
        row.backward == backward
            && match &row.name {
                Name::Op(op, in_place) => name == op.called(*in_place),
                Name::Text(text) => name == text,
            }
    };
    profile.rows.iter().find(is).unwrap_or_else(|| panic!("no {name} in {:?}", profile.rows))
}

#[test]
fn calls_derivatives_and_the_walk_are_told_apart() {
    let x = leaf();
    profile::start(clock, 100);
    let y = ew::mul::mul(&x, &x).unwrap();
    engine::backward(&[y], &[Some(x.detach())], false, false, None).unwrap();
    let found = profile::finish();
    let forward = row(&found, "mul", false);
    assert_eq!((forward.calls, forward.own, forward.own_bytes), (1, 1.0, 12));
    let derivative = row(&found, "MulBackward0", true);
    // x is both factors: its second gradient is added to the first.
    let inside = row(&found, "add_", true);
    assert_eq!((derivative.calls, derivative.own_bytes, inside.calls, inside.own_bytes), (1, 24, 1, 0));
    let walk = row(&found, "backward", true);
    assert_eq!((walk.calls, walk.own_bytes, walk.total_bytes), (1, 0, 24));
    assert_eq!(walk.total, walk.own + derivative.total + inside.total);
    let own: f64 = found.rows.iter().map(|row| row.own).sum();
    assert_eq!(own, forward.total + walk.total, "own times add up to the outermost spans");
}

#[test]
fn the_timeline_is_limited_and_sums_are_not() {
    let x = leaf();
    profile::start(clock, 2);
    for _ in 0..5 {
        ew::exp::exp(&x).unwrap();
    }
    let found = profile::finish();
    assert_eq!((found.events.len(), found.dropped, row(&found, "exp", false).calls), (2, 3, 5));
    assert!(found.events[0].start < found.events[1].start);
}

#[test]
fn errors_and_named_stretches_end_their_spans() {
    let x = leaf();
    let other = Tensor::from_array(Array::from_slice(&[1.0f32, 2.0], &[2]).unwrap());
    profile::start(clock, 100);
    profile::begin_named("mine".to_string());
    ew::add::add(&x, &other).unwrap_err();
    ew::exp::exp(&x).unwrap();
    profile::end_named();
    ew::exp::exp(&x).unwrap();
    let found = profile::finish();
    let mine = row(&found, "mine", false);
    assert_eq!((mine.calls, mine.total_bytes, mine.own_bytes), (1, 12, 0));
    assert_eq!(row(&found, "exp", false).calls, 2);
    assert_eq!(row(&found, "add", false).calls, 1);
}

#[test]
fn nothing_is_kept_while_no_profile_runs() {
    let x = leaf();
    ew::exp::exp(&x).unwrap();
    profile::end_named();
    assert!(profile::finish().rows.is_empty());
    // One that began before the profile ends after it without harm.
    profile::start(clock, 100);
    profile::begin_named("open".to_string());
    let found = profile::finish();
    assert_eq!(row(&found, "open", false).calls, 1);
    profile::end_named();
}

#[test]
fn a_call_on_duals_counts_once_and_what_gives_its_tangent_by_itself() {
    let (x, v) = (leaf().detach(), leaf().detach());
    let level = forward_mode::enter_level();
    let dual = forward_mode::make_dual(&x, &v, level).unwrap();
    profile::start(clock, 0);
    reduce::sum::sum_all(&dual).unwrap();
    let found = profile::finish();
    forward_mode::exit_level();
    // A sum is linear: the call on duals, which computes the value too, and that of the tangent.
    assert_eq!(row(&found, "sum", false).calls, 2);
}
