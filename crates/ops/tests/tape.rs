//! The tape as a whole: depth, freeing, versions, views, nesting.

use adjoint_autograd::{Tensor, engine, node};
use adjoint_ops::{elementwise as ew, reduce, view};
use adjoint_tensor::{Array, Code, memory};

fn leaf(values: &[f64]) -> Tensor {
    adjoint_ops::install();
    let t = Tensor::from_array(Array::from_slice(values, &[values.len()]).unwrap());
    t.set_requires_grad(true).unwrap();
    t
}

fn values(t: &Tensor) -> Vec<f64> {
    t.array().to_vec_f64().unwrap()
}

fn number(v: f64) -> Tensor {
    adjoint_ops::invoke::number(v).unwrap()
}

#[test]
fn a_chain_of_a_million_operations_is_built_differentiated_twice_and_dropped() {
    let x = leaf(&[1.0]);
    let (nodes, bytes) = (node::live_nodes(), memory::stats().live_bytes);
    {
        let mut y = x.clone();
        for _ in 0..1_000_000 {
            y = ew::mul::mul(&y, &number(0.999_999)).unwrap();
        }
        let y = ew::mul::mul(&y, &y).unwrap();
        let g = engine::grad(&[y], &[], std::slice::from_ref(&x), true, true, false).unwrap().remove(0).unwrap();
        let c = 0.999_999f64.powi(1_000_000);
        assert!((values(&g)[0] - 2.0 * c * c).abs() < 1e-9);
        let h = engine::grad(&[g], &[], std::slice::from_ref(&x), false, false, false).unwrap().remove(0).unwrap();
        assert!((values(&h)[0] - 2.0 * c * c).abs() < 1e-9);
    }
    assert_eq!(node::live_nodes(), nodes);
    assert_eq!(memory::stats().live_bytes, bytes);
}

#[test]
fn a_saved_value_that_was_changed_is_refused_with_both_versions() {
    let x = leaf(&[1.0, 2.0]);
    let y = ew::exp::exp(&x).unwrap();
    ew::add::add_(&y, &number(1.0)).unwrap();
    let e = engine::backward(&[reduce::sum::sum_all(&y).unwrap()], &[], false, false, None).unwrap_err();
    assert_eq!(e.code(), Code::Autograd);
    assert!(e.message().contains("version 1; expected version 0"), "{e}");
}

#[test]
fn a_write_through_a_view_rewrites_the_history_of_its_base_and_of_its_siblings() {
    let x = leaf(&[1.0, 1.0, 1.0, 1.0]);
    let y = ew::mul::mul(&x, &number(2.0)).unwrap();
    let m = view::reshape::reshape(&y, &[2, 2]).unwrap();
    let row = view::select::select(&m, 0, 0).unwrap();
    let sibling = view::select::select(&m, 1, 0).unwrap();
    adjoint_autograd::dispatch_in_place(&ew::mul::DEF, &[Some(&row), Some(&number(10.0))], Default::default()).unwrap();
    assert_eq!(values(&y), [20.0, 20.0, 2.0, 2.0]);
    assert_eq!(y.grad_fn().unwrap().unwrap().node.name(), "torch::autograd::CopySlices");
    assert_eq!(row.grad_fn().unwrap().unwrap().node.name(), "AsStridedBackward0");
    let s = reduce::sum::sum_all(&sibling).unwrap();
    let g = engine::grad(&[s], &[], std::slice::from_ref(&x), true, false, false).unwrap().remove(0).unwrap();
    assert_eq!(values(&g), [20.0, 0.0, 2.0, 0.0]);
    engine::backward(&[reduce::sum::sum_all(&y).unwrap()], &[], false, false, None).unwrap();
    assert_eq!(values(&x.grad().unwrap()), [20.0, 20.0, 2.0, 2.0]);
}

#[test]
fn a_leaf_that_requires_grad_cannot_be_written_nor_can_its_views() {
    let x = leaf(&[1.0, 2.0]);
    assert!(ew::add::add_(&x, &number(1.0)).unwrap_err().message().contains("leaf"));
    let v = view::select::select(&x, 0, 0).unwrap();
    assert!(ew::add::add_(&v, &number(1.0)).unwrap_err().message().contains("a view of a leaf"));
    assert_eq!(values(&x), [1.0, 2.0]);
}

#[test]
fn a_walk_inside_a_hook_of_another_walk_leaves_both_right() {
    let x = leaf(&[3.0]);
    let a = ew::mul::mul(&x, &x).unwrap();
    let y = ew::mul::mul(&a, &number(1.0)).unwrap();
    let z = ew::mul::mul(&y, &y).unwrap();
    let (inner_a, inner_x) = (a.clone(), x.clone());
    y.register_hook(std::rc::Rc::new(move |_| {
        let g = engine::grad(std::slice::from_ref(&inner_a), &[], std::slice::from_ref(&inner_x), true, false, false)?
            .remove(0)
            .unwrap();
        assert_eq!(values(&g), [6.0]);
        Ok(None)
    }))
    .unwrap();
    engine::backward(&[z], &[], false, false, None).unwrap();
    assert_eq!(values(&x.grad().unwrap()), [108.0]);
}

#[test]
fn writing_a_value_into_a_tensor_that_made_it_does_not_leak() {
    let x = leaf(&[2.0]);
    let (nodes, bytes) = (node::live_nodes(), memory::stats().live_bytes);
    {
        let y = ew::mul::mul(&x, &number(1.0)).unwrap();
        let z = ew::mul::mul(&y, &x).unwrap();
        ew::copy::copy_(&y, &z).unwrap();
        assert_eq!(values(&y), [4.0]);
    }
    assert_eq!(node::live_nodes(), nodes);
    assert_eq!(memory::stats().live_bytes, bytes);
}

#[test]
fn narrow_integers_compare_and_add_like_wide_ones() {
    adjoint_ops::install();
    let ints = |v: &[i32]| Tensor::from_array(Array::from_slice(v, &[v.len()]).unwrap());
    let (a, b) = (ints(&[1, 5, i32::MAX]), ints(&[2, 5, 1]));
    assert_eq!(values(&ew::lt::lt(&a, &b).unwrap()), [1.0, 0.0, 0.0]);
    let sum = ew::add::add(&a, &b).unwrap();
    assert_eq!(sum.dtype(), adjoint_tensor::DType::Int32);
    assert_eq!(values(&sum), [3.0, 10.0, f64::from(i32::MIN)]);
}

/// Programs of a few ops, of every mix of lines, forks and leaves used again. `grad` walks by the table of nodes from the start;
/// `backward` goes straight first.
#[test]
fn going_straight_gives_the_gradients_of_the_general_walk() {
    adjoint_ops::install();
    let mut seed = 88_172_645_463_325_252_u64;
    let mut next = move |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    let (nodes, bytes) = (node::live_nodes(), memory::stats().live_bytes);
    for program in 0..400 {
        let leaves: Vec<Tensor> = (0..3)
            .map(|i| {
                let values = [0.3 + i as f32, -0.7, 1.1, 0.2 * i as f32];
                let t = Tensor::from_array(Array::from_slice(&values, &[4]).unwrap());
                t.set_requires_grad(true).unwrap();
                t
            })
            .collect();
        let mut made = leaves.clone();
        // In one program of three every op reads the last result, so that most of it is a line.
        let is_line = program % 3 == 0;
        for _ in 0..2 + next(12) {
            let a = if is_line { made.len() - 1 } else { next(made.len()) };
            let b = next(made.len());
            let (a, b) = (&made[a], &made[b]);
            let y = match next(6) {
                0 => ew::tanh::tanh(a),
                1 => ew::mul::mul(a, b),
                2 => ew::add::add(a, b),
                3 => ew::mul::mul(a, &number(0.5)),
                4 => ew::sub::sub(&reduce::sum::sum_all(a).unwrap(), b),
                _ => view::reshape::reshape(a, &[2, 2]).and_then(|m| view::reshape::reshape(&m, &[4])),
            };
            made.push(y.unwrap());
        }
        let root = reduce::sum::sum_all(made.last().unwrap()).unwrap();
        let expected = engine::grad(std::slice::from_ref(&root), &[], &leaves, true, false, true).unwrap();
        for times in [1.0, 2.0] {
            let keep = times == 1.0;
            engine::backward(std::slice::from_ref(&root), &[], keep, false, None).unwrap();
            for (leaf, expected) in leaves.iter().zip(&expected) {
                let doubled = expected.as_ref().map(|g| values(g).iter().map(|g| g * times).collect());
                assert_eq!(leaf.grad().map(|g| values(&g)), doubled, "program {program}");
            }
        }
    }
    assert_eq!((node::live_nodes(), memory::stats().live_bytes), (nodes, bytes));
}
