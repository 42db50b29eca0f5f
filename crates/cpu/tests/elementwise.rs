//! Formulas over arrays: the fast paths give what the general one gives.

use adjoint_cpu::elementwise::{Blocks, compute, compute_into, write};
use adjoint_kernels::algebra::Ring;
use adjoint_kernels::elementwise::{RingFormula, ring_blocks};
use adjoint_tensor::{Array, DType, Scalar};

struct Scaled;

impl RingFormula<2, 1> for Scaled {
    fn eval<R: Ring>([a, b]: [R; 2], [p]: [R; 1]) -> R {
        a * p - b
    }
}

static SCALED: Blocks = ring_blocks::<Scaled, 2, 1>();

fn ramp(n: usize) -> Array {
    Array::from_slice(&(0..n).map(|i| i as f32).collect::<Vec<_>>(), &[n]).unwrap()
}

#[test]
fn a_number_beside_a_tensor_counts_for_every_element_whatever_its_dtype_and_the_length() {
    for n in [0, 1, 7, 8, 255, 256, 257, 1000] {
        for number in [Scalar::Int(3), Scalar::Float(3.0), Scalar::Bool(true)] {
            let (x, dtype) = (ramp(n), if let Scalar::Float(_) = number { DType::Float64 } else { number.dtype() });
            let one = Array::full(&[], dtype, number).unwrap();
            let expected: Vec<f64> = (0..n).map(|i| 2.0 * i as f64 - number.to_f64()).collect();
            let got = compute(&SCALED, DType::Float32, &[&x, &one], &[2.0]).unwrap();
            assert_eq!(got.to_vec_f64().unwrap(), expected, "{n} elements, {number}");
            let swapped = compute(&SCALED, DType::Float32, &[&one, &x], &[2.0]).unwrap();
            let expected: Vec<f64> = (0..n).map(|i| 2.0 * number.to_f64() - i as f64).collect();
            assert_eq!(swapped.to_vec_f64().unwrap(), expected, "{number} first, {n} elements");
        }
    }
}

#[test]
fn the_result_may_take_the_place_of_an_input_of_its_shape_and_of_no_other() {
    let (x, y) = (ramp(8), ramp(8));
    assert!(compute_into(&SCALED, DType::Float32, &[&x, &y], &[3.0], &x));
    assert_eq!(x.to_vec_f64().unwrap(), (0..8).map(|i| 2.0 * f64::from(i)).collect::<Vec<_>>());
    let row = ramp(8).with_layout(ramp(8).layout().view(&[1, 8]).unwrap()).unwrap();
    let column = ramp(4).with_layout(ramp(4).layout().view(&[4, 1]).unwrap()).unwrap();
    assert!(!compute_into(&SCALED, DType::Float32, &[&row, &column], &[3.0], &row));
    assert_eq!(row.to_vec_f64().unwrap(), (0..8).map(f64::from).collect::<Vec<_>>(), "nothing was done");
}

#[test]
fn a_result_shares_the_layout_of_an_input_only_where_that_starts_its_storage() {
    let x = ramp(8);
    let part = x.with_layout(x.layout().slice(0, 4, 4, 1)).unwrap();
    let out = compute(&SCALED, DType::Float32, &[&part, &part], &[2.0]).unwrap();
    assert_eq!((out.layout().offset, out.to_vec_f64().unwrap()), (0, vec![4.0, 5.0, 6.0, 7.0]));
    let whole = compute(&SCALED, DType::Float32, &[&x, &x], &[2.0]).unwrap();
    assert!(std::rc::Rc::ptr_eq(whole.shared_layout(), x.shared_layout()));
}

#[test]
fn a_window_of_the_output_in_another_order_is_read_before_it_is_written() {
    let x = ramp(4).with_layout(ramp(4).layout().view(&[2, 2]).unwrap()).unwrap();
    let turned = x.with_layout(x.layout().transpose(0, 1)).unwrap();
    write(&SCALED, DType::Float32, &[&x, &turned], &[2.0], &x).unwrap();
    assert_eq!(x.to_vec_f64().unwrap(), [0.0, 0.0, 3.0, 3.0]);
}
