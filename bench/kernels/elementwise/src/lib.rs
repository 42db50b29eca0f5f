//! Elementwise loops for the bench: from formulas, with one to four vectors a turn, and written by hand.

#[cfg(target_feature = "simd128")]
mod by_hand;
mod formulas;

use adjoint_kernels::algebra::{Algebra, F32s};
use adjoint_kernels::dtype::DType;
use adjoint_kernels::elementwise::{Blocks, Formula, Operand, OperandMut, float_blocks, run};
use formulas::*;

/// Zeroed memory, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(bytes: usize) -> *mut u8 {
    Box::leak(vec![0u8; bytes].into_boxed_slice()).as_mut_ptr()
}

/// The copy everything is compared with.
///
/// # Safety
/// `len` elements at `x` and `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy(x: *const f32, out: *mut f32, len: usize) {
    // SAFETY: the caller's.
    unsafe { core::ptr::copy_nonoverlapping(x, out, len) };
}

/// The plainest loop over a formula, `K` vectors a turn; `len` is a multiple of all `4·K` tried.
#[inline(always)]
unsafe fn sweep<F: Formula<3, 0>, const K: usize>(
    x: *const f32,
    y: *const f32,
    z: *const f32,
    out: *mut f32,
    len: usize,
) {
    for at in (0..len).step_by(4 * K) {
        // SAFETY: the caller's.
        unsafe {
            F::eval::<F32s<K>>([F32s::load(x.add(at)), F32s::load(y.add(at)), F32s::load(z.add(at))], [])
                .store(out.add(at))
        };
    }
}

macro_rules! exports {
    ($($formula:ident: $one:ident $two:ident $three:ident $four:ident $blocks:ident $f64:ident;)+) => {$(
        exports!(@ $formula 1 $one);
        exports!(@ $formula 2 $two);
        exports!(@ $formula 3 $three);
        exports!(@ $formula 4 $four);
        exports!(@blocks $formula $blocks Float32);
        exports!(@blocks $formula $f64 Float64);
    )+};
    (@ $formula:ident $k:literal $name:ident) => {
        /// # Safety
        /// `len` elements at each pointer.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(x: *const f32, y: *const f32, z: *const f32, out: *mut f32, len: usize) {
            // SAFETY: the caller's.
            unsafe { sweep::<$formula, $k>(x, y, z, out, len) };
        }
    };
    (@blocks $formula:ident $name:ident $dtype:ident) => {
        /// # Safety
        /// `len` elements at each pointer.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(x: *const u8, y: *const u8, z: *const u8, out: *mut u8, len: usize) {
            static BLOCKS: Blocks = float_blocks::<$formula, 3, 0>();
            let strides = &[1isize];
            let read = |ptr| Operand { ptr, dtype: DType::$dtype, strides };
            let to = OperandMut { ptr: out, dtype: DType::$dtype, strides };
            // SAFETY: the caller's.
            unsafe { run(&BLOCKS, DType::$dtype, &[len], &[read(x), read(y), read(z)], &[], to) };
        }
    };
}

exports! {
    Exp: exp_1 exp_2 exp_3 exp_4 exp_blocks exp_f64;
    Expm1: expm1_1 expm1_2 expm1_3 expm1_4 expm1_blocks expm1_f64;
    Log: log_1 log_2 log_3 log_4 log_blocks log_f64;
    Log1p: log1p_1 log1p_2 log1p_3 log1p_4 log1p_blocks log1p_f64;
    Tanh: tanh_1 tanh_2 tanh_3 tanh_4 tanh_blocks tanh_f64;
    Sigmoid: sigmoid_1 sigmoid_2 sigmoid_3 sigmoid_4 sigmoid_blocks sigmoid_f64;
    Sin: sin_1 sin_2 sin_3 sin_4 sin_blocks sin_f64;
    Cos: cos_1 cos_2 cos_3 cos_4 cos_blocks cos_f64;
    Erf: erf_1 erf_2 erf_3 erf_4 erf_blocks erf_f64;
    Gelu: gelu_1 gelu_2 gelu_3 gelu_4 gelu_blocks gelu_f64;
    Lgamma: lgamma_1 lgamma_2 lgamma_3 lgamma_4 lgamma_blocks lgamma_f64;
    Add: add_1 add_2 add_3 add_4 add_blocks add_f64;
    Max: max_1 max_2 max_3 max_4 max_blocks max_f64;
    MulAdd: mul_add_1 mul_add_2 mul_add_3 mul_add_4 mul_add_blocks mul_add_f64;
    ReluBackward: relu_backward_1 relu_backward_2 relu_backward_3 relu_backward_4 relu_backward_blocks relu_backward_f64;
}

/// `reps` additions of 8 contiguous numbers through the runner: the cost of a small tensor.
///
/// # Safety
/// 8 elements at each pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn small(reps: usize, x: *const u8, y: *const u8, out: *mut u8, second_stride: isize) {
    static ADD: Blocks = float_blocks::<AddTwo, 2, 0>();
    let strides = &[4isize, 1];
    let dtype = DType::Float32;
    for _ in 0..reps {
        let shape = core::hint::black_box(&[2usize, 4]);
        let second = [if second_stride == 0 { 0 } else { 4 }, second_stride];
        let ins = [Operand { ptr: x, dtype, strides }, Operand { ptr: y, dtype, strides: &second }];
        // SAFETY: the caller's.
        unsafe { run(&ADD, dtype, shape, &ins, &[], OperandMut { ptr: out, dtype, strides }) };
    }
}

/// A row broadcast over `rows` rows, and a transposed operand: the strided ways of the runner.
///
/// # Safety
/// `rows · columns` elements at `x` and `out`; as many at `y`, or a row or column of them as the strides say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strided(
    x: *const u8,
    y: *const u8,
    out: *mut u8,
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
) {
    static ADD: Blocks = float_blocks::<AddTwo, 2, 0>();
    let dtype = DType::Float32;
    let strides = &[columns as isize, 1];
    let ins = [Operand { ptr: x, dtype, strides }, Operand { ptr: y, dtype, strides: &[row_stride, column_stride] }];
    // SAFETY: the caller's.
    unsafe { run(&ADD, dtype, &[rows, columns], &ins, &[], OperandMut { ptr: out, dtype, strides }) };
}

/// A matrix transposed, or cast to another dtype, by a strided copy.
///
/// # Safety
/// `rows · columns` elements at either pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copied(x: *const u8, out: *mut u8, rows: usize, columns: usize, transposed: bool, to: u8) {
    let strides = if transposed { [1, rows as isize] } else { [columns as isize, 1] };
    let from = Operand { ptr: x, dtype: DType::Float32, strides: &strides };
    let to =
        OperandMut { ptr: out, dtype: DType::from_code(to).unwrap_or(DType::Float32), strides: &[columns as isize, 1] };
    // SAFETY: the caller's.
    unsafe { adjoint_kernels::elementwise::copy_strided(&[rows, columns], from, to) };
}

/// Casts `len` elements from one dtype to another, by their codes.
///
/// # Safety
/// `x` and `out` must hold as many elements of these dtypes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cast(x: *const u8, from: u8, out: *mut u8, to: u8, len: usize) {
    let [from, to] = [from, to].map(|code| DType::from_code(code).unwrap_or(DType::Float32));
    // SAFETY: the caller's.
    unsafe { adjoint_kernels::elementwise::cast_contiguous(from, x, to, out, len) };
}

struct AddTwo;
impl Formula<2, 0> for AddTwo {
    fn eval<A: Algebra>([x, y]: [A; 2], []: [A; 0]) -> A {
        x + y
    }
}
