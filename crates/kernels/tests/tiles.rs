//! Formulas over operands that are transposed against each other.

use adjoint_kernels::algebra::Ring;
use adjoint_kernels::dtype::{DType, Element};
use adjoint_kernels::elementwise::{Blocks, Operand, OperandMut, RingFormula, ring_blocks, run};

struct Mixed;

impl RingFormula<2, 1> for Mixed {
    fn eval<R: Ring>([x, y]: [R; 2], [p]: [R; 1]) -> R {
        x * p - y
    }
}

static MIXED: Blocks = ring_blocks::<Mixed, 2, 1>();
static INTERPRETED: Blocks = ring_blocks::<Mixed, 2, 1>().interpreted();

/// Dense strides with the dims in `order`, the outermost first.
fn strides(shape: &[usize], order: &[usize]) -> Vec<isize> {
    let (mut strides, mut step) = (vec![0; shape.len()], 1);
    for &d in order.iter().rev() {
        strides[d] = step as isize;
        step *= shape[d];
    }
    strides
}

fn check<T: Element>(blocks: &Blocks, shape: [usize; 3], x: &[isize], y: &[isize]) {
    let numel: usize = shape.iter().product();
    let value = |i: usize| T::from_i64((i * 7 % 23) as i64);
    let storage: Vec<T> = (0..2 * numel).map(value).collect();
    let mut out = vec![T::from_i64(0); numel];
    let row_major = strides(&shape, &[0, 1, 2]);
    let operand = |strides| Operand { ptr: storage.as_ptr().cast(), dtype: T::DTYPE, strides };
    let to = OperandMut { ptr: out.as_mut_ptr().cast(), dtype: T::DTYPE, strides: &row_major };
    // SAFETY: no stride reaches further than twice the elements.
    unsafe { run(blocks, T::DTYPE, &shape, &[operand(x), operand(y)], &[3.0], to) };
    let mut at = 0;
    for i in 0..shape[0] as isize {
        for j in 0..shape[1] as isize {
            for k in 0..shape[2] as isize {
                let read = |s: &[isize]| value((i * s[0] + j * s[1] + k * s[2]) as usize).to_i64();
                assert_eq!(out[at].to_i64(), 3 * read(x) - read(y), "{:?} {shape:?} {x:?} {y:?}", T::DTYPE);
                at += 1;
            }
        }
    }
}

#[test]
fn transposed_operands_give_the_elements_that_indices_name() {
    for shape in [[3, 40, 70], [2, 8, 8], [1, 33, 65], [5, 9, 130], [4, 64, 32]] {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 2, 0], [2, 1, 0], [2, 0, 1], [1, 0, 2]];
        for x in orders {
            for y in orders {
                let (x, y) = (strides(&shape, &x), strides(&shape, &y));
                check::<f32>(&MIXED, shape, &x, &y);
                check::<f32>(&INTERPRETED, shape, &x, &y);
                check::<f64>(&MIXED, shape, &x, &y);
                check::<i64>(&MIXED, shape, &x, &y);
            }
            let x = strides(&shape, &x);
            check::<f32>(&MIXED, shape, &x, &[0, 0, 0]);
            check::<f32>(&MIXED, shape, &x, &[0, 1, 0]);
            check::<f32>(&MIXED, shape, &[0, 1, shape[1] as isize], &x);
            check::<i16>(&MIXED, shape, &[0, 2, 2 * shape[1] as isize], &[1, 0, 2]);
        }
    }
}

#[test]
fn the_output_may_be_an_input_beside_a_transposed_one() {
    let n = 50;
    let mut x: Vec<f32> = (0..n * n).map(|i| i as f32).collect();
    let y = x.clone();
    let (rows, columns) = ([n as isize, 1], [1, n as isize]);
    let (x_in, y_in) = (x.as_ptr().cast(), y.as_ptr().cast());
    let operands = [
        Operand { ptr: x_in, dtype: DType::Float32, strides: &rows },
        Operand { ptr: y_in, dtype: DType::Float32, strides: &columns },
    ];
    let to = OperandMut { ptr: x.as_mut_ptr().cast(), dtype: DType::Float32, strides: &rows };
    // SAFETY: the strides stay inside, and the output is exactly the first input.
    unsafe { run(&MIXED, DType::Float32, &[n, n], &operands, &[2.0], to) };
    for (i, &value) in x.iter().enumerate() {
        assert_eq!(value, (2 * i) as f32 - (i % n * n + i / n) as f32);
    }
}
