//! Blocks, the strided runner and strided copies against a reference that visits one element at a time.

use adjoint_kernels::algebra::{Algebra, Bits, Ring};
use adjoint_kernels::dispatch;
use adjoint_kernels::dtype::{BF16, Bool, DType, Element, F16};
use adjoint_kernels::elementwise::*;

struct AddScaled;
impl RingFormula<2, 1> for AddScaled {
    fn eval<R: Ring>([x, y]: [R; 2], [alpha]: [R; 1]) -> R {
        x + y * alpha
    }
}
static ADD_SCALED: Blocks = ring_blocks::<AddScaled, 2, 1>();

struct Less;
impl Predicate<2, 0> for Less {
    fn test<R: Ring>([x, y]: [R; 2], []: [R; 0]) -> R::Mask {
        x.lt(y)
    }
}
static LESS: Blocks = predicate_blocks::<Less, 2, 0>();

struct Ternary;
impl Formula<3, 0> for Ternary {
    fn eval<A: Algebra>([x, y, z]: [A; 3], []: [A; 0]) -> A {
        A::select(x.lt(y), x * z, y - z.floor())
    }
}
static TERNARY: Blocks = float_blocks::<Ternary, 3, 0>();

struct Xor;
impl BitsFormula<2, 0> for Xor {
    fn eval<B: Bits>([x, y]: [B; 2], []: [B; 0]) -> B {
        x ^ !y
    }
}
static XOR: Blocks = bits_blocks::<Xor, 2, 0>();

/// A small generator of test cases: multiplicative, by Steele and Vigna's constant.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        ((self.0 >> 33) as usize) % below
    }
}

/// A tensor in a buffer of its own, with a guard on either side.
struct Tensor {
    dtype: DType,
    strides: Vec<isize>,
    offset: usize,
    bytes: Vec<u8>,
}

const GUARD: usize = 64;

impl Tensor {
    /// A layout for `shape` with random order of dimensions and gaps; broadcast dimensions if `read_only`. Values are small integers.
    fn random(random: &mut Random, dtype: DType, shape: &[usize], read_only: bool) -> Self {
        let style = random.next(4);
        let mut order: Vec<usize> = (0..shape.len()).rev().collect();
        if style == 1 {
            for i in (1..order.len()).rev() {
                order.swap(i, random.next(i + 1));
            }
        }
        let mut strides = vec![0isize; shape.len()];
        let mut span = if style == 2 { 1 + random.next(2) } else { 1 };
        for d in order {
            if read_only && style == 3 && random.next(2) == 0 {
                continue;
            }
            strides[d] = span as isize;
            span *= shape[d].max(1);
            span += if style == 2 { random.next(3) } else { 0 };
        }
        let offset = GUARD + random.next(5);
        let mut this = Self { dtype, strides, offset, bytes: vec![0xA5; (offset + span + GUARD) * dtype.size()] };
        for i in 0..span {
            this.set(i as isize, random.next(11) as f64 - if dtype == DType::UInt8 { 0.0 } else { 5.0 });
        }
        this
    }

    fn pointer(&self) -> *const u8 {
        // SAFETY: the offset is in the buffer.
        unsafe { self.bytes.as_ptr().add(self.offset * self.dtype.size()) }
    }

    fn get(&self, at: isize) -> f64 {
        // SAFETY: callers stay within the buffer.
        dispatch!(self.dtype, T => unsafe { self.pointer().cast::<T>().offset(at).read_unaligned() }.to_f64())
    }

    fn set(&mut self, at: isize, v: f64) {
        let p = self.pointer().cast_mut();
        // SAFETY: callers stay within the buffer.
        dispatch!(self.dtype, T => unsafe { p.cast::<T>().offset(at).write_unaligned(T::from_f64(v)) });
    }

    fn read(&self) -> Operand<'_> {
        Operand { ptr: self.pointer(), dtype: self.dtype, strides: &self.strides }
    }
}

fn offset(strides: &[isize], index: &[usize]) -> isize {
    strides.iter().zip(index).map(|(s, &i)| s * i as isize).sum()
}

/// Calls `f` with every index of `shape`.
fn each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    let numel: usize = shape.iter().product();
    let mut index = vec![0; shape.len()];
    for _ in 0..numel {
        f(&index);
        for d in (0..shape.len()).rev() {
            index[d] += 1;
            if index[d] < shape[d] {
                break;
            }
            index[d] = 0;
        }
    }
}

const SHAPES: &[&[usize]] = &[
    &[],
    &[0],
    &[1],
    &[5],
    &[8],
    &[63],
    &[64],
    &[513],
    &[1031],
    &[3, 0, 2],
    &[2, 3],
    &[7, 5],
    &[1, 9, 1],
    &[17, 31],
    &[70, 66],
    &[3, 129],
    &[2, 3, 4, 5],
    &[4, 1, 70, 2],
    &[2, 600],
    &[97, 2, 7],
    &[2, 1, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2],
];

/// Runs `blocks` on random layouts and compares with `reference`, byte by byte: what the formula does not write must not change.
fn check(
    blocks: &Blocks,
    compute: DType,
    dtypes: &[DType],
    out_dtype: DType,
    params: &[f64],
    in_place: bool,
    reference: impl Fn(&[f64]) -> f64,
) {
    let mut random = Random(42 + compute as u64 * 100 + out_dtype as u64);
    for shape in SHAPES {
        for _ in 0..8 {
            let mut ins: Vec<Tensor> = dtypes
                .iter()
                .enumerate()
                .map(|(k, &d)| Tensor::random(&mut random, d, shape, !(in_place && k == 0)))
                .collect();
            let mut out = Tensor::random(&mut random, out_dtype, shape, false);
            let expected = if in_place { &ins[0] } else { &out };
            let mut expected = Tensor {
                dtype: out_dtype,
                strides: expected.strides.clone(),
                offset: expected.offset,
                bytes: expected.bytes.clone(),
            };
            each_index(shape, |index| {
                let x: Vec<f64> = ins
                    .iter()
                    .map(|t| dispatch!(compute, T => T::from_f64(t.get(offset(&t.strides, index))).to_f64()))
                    .collect();
                let at = offset(&expected.strides, index);
                expected.set(at, reference(&x));
            });
            let target = if in_place { &mut ins[0] } else { &mut out };
            let (ptr, strides) = (target.bytes.as_mut_ptr(), target.strides.clone());
            // SAFETY: the offset is in the buffer.
            let ptr = unsafe { ptr.add(target.offset * target.dtype.size()) };
            let operands: Vec<Operand> = ins.iter().map(Tensor::read).collect();
            // SAFETY: layouts stay in their buffers; the output is a tensor of its own, or exactly the first input.
            unsafe {
                run(blocks, compute, shape, &operands, params, OperandMut { ptr, dtype: out_dtype, strides: &strides });
            };
            let got = if in_place { &ins[0] } else { &out };
            assert!(
                got.bytes == expected.bytes,
                "{compute:?} {dtypes:?} -> {out_dtype:?} {shape:?} strides {:?} out {strides:?}",
                ins.iter().map(|t| &t.strides).collect::<Vec<_>>()
            );
        }
    }
}

const COMPUTING: [DType; 8] =
    [DType::Float32, DType::Float64, DType::Int64, DType::Int32, DType::Int16, DType::Int8, DType::UInt8, DType::Bool];

#[test]
fn ring_formulas_agree_with_one_element_at_a_time_in_every_dtype() {
    for dtype in COMPUTING {
        let reference =
            |x: &[f64]| if dtype == DType::Bool { f64::from((x[0] + x[1]) > 0.0) } else { x[0] + 3.0 * x[1] };
        let wrap = |x: &[f64]| dispatch!(dtype, T => T::from_f64(reference(x)).to_f64());
        check(&ADD_SCALED, dtype, &[dtype, dtype], dtype, &[3.0], false, wrap);
    }
}

#[test]
fn predicates_give_booleans_and_cast_them() {
    for dtype in COMPUTING {
        for out in [DType::Bool, DType::Float32, DType::Int64] {
            check(&LESS, dtype, &[dtype, dtype], out, &[], false, |x| f64::from(x[0] < x[1]));
        }
    }
}

#[test]
fn operands_of_other_dtypes_are_cast_on_the_way() {
    use DType::{BFloat16, Float16, Float32, Float64, Int16, Int64, UInt8};
    let ternary = |x: &[f64]| if x[0] < x[1] { x[0] * x[2] } else { x[1] - x[2] };
    check(&TERNARY, Float32, &[Float32, Float32, Float32], Float32, &[], false, ternary);
    check(&TERNARY, Float64, &[Float32, Float64, Int64], Float64, &[], false, ternary);
    check(&TERNARY, Float32, &[DType::Bool, Float16, UInt8], BFloat16, &[], false, ternary);
    check(&TERNARY, Float32, &[Float32, BFloat16, Int16], Int64, &[], false, ternary);
    check(&XOR, Int64, &[DType::Int32, Int64], Int16, &[], false, |x| ((x[0] as i64) ^ !(x[1] as i64)) as f64);
    check(&XOR, DType::Bool, &[DType::Bool, DType::Bool], DType::Bool, &[], false, |x| {
        f64::from((x[0] != 0.0) == (x[1] != 0.0))
    });
}

#[test]
fn results_may_overwrite_an_input() {
    for dtype in [DType::Float32, DType::Float64, DType::Int64, DType::Int16] {
        check(&ADD_SCALED, dtype, &[dtype, dtype], dtype, &[2.0], true, |x| x[0] + 2.0 * x[1]);
    }
    check(&ADD_SCALED, DType::Float32, &[DType::Float32, DType::Float64], DType::Float32, &[2.0], true, |x| {
        x[0] + 2.0 * x[1]
    });
}

#[test]
fn a_narrow_integer_wraps_its_parameters_and_results() {
    let (x, y, mut out) = ([100u8, 200, 255], [1u8, 2, 3], [0u8; 3]);
    let u8s = |ptr: *const u8| Operand { ptr, dtype: DType::UInt8, strides: &[1] };
    let to = OperandMut { ptr: out.as_mut_ptr(), dtype: DType::UInt8, strides: &[1] };
    // SAFETY: three elements each.
    unsafe { run(&ADD_SCALED, DType::UInt8, &[3], &[u8s(x.as_ptr()), u8s(y.as_ptr())], &[-1.0], to) };
    assert_eq!(out, [99, 198, 252]);
}

struct LessThan;
impl Predicate<1, 1> for LessThan {
    fn test<R: Ring>([x]: [R; 1], [limit]: [R; 1]) -> R::Mask {
        x.lt(limit)
    }
}

#[test]
fn a_narrow_integer_compares_with_its_parameter_wrapped() {
    let blocks = predicate_blocks::<LessThan, 1, 1>();
    let (x, mut out) = ([43i8, 44, 100], [9u8; 3]);
    let operand = Operand { ptr: x.as_ptr().cast(), dtype: DType::Int8, strides: &[1] };
    let to = OperandMut { ptr: out.as_mut_ptr(), dtype: DType::Bool, strides: &[1] };
    // SAFETY: three elements each. 300 is 44 in eight bits.
    unsafe { run(&blocks, DType::Int8, &[3], &[operand], &[300.0], to) };
    assert_eq!(out, [1, 0, 0]);
}

#[test]
fn every_pair_of_dtypes_casts_as_pytorch_does() {
    let values: Vec<f64> =
        vec![0.0, 1.0, -1.0, 2.5, -2.5, 127.0, 128.0, 255.0, 256.0, -129.0, 1e4, -3e4, 7e4, 1e-3, -0.0];
    for from in DType::ALL {
        for to in DType::ALL {
            let len = 200;
            let mut source = vec![0u8; len * 8];
            let mut target = vec![0xA5u8; (len + 1) * 8];
            dispatch!(from, S => dispatch!(to, T => {
                for i in 0..len {
                    // SAFETY: `i < len`.
                    unsafe { source.as_mut_ptr().cast::<S>().add(i).write_unaligned(S::from_f64(values[i % values.len()])) };
                }
                // SAFETY: both hold `len` elements.
                unsafe { cast_contiguous(from, source.as_ptr(), to, target.as_mut_ptr(), len) };
                for i in 0..len {
                    // SAFETY: `i < len`.
                    let (s, t) = unsafe { (source.as_ptr().cast::<S>().add(i).read_unaligned(), target.as_ptr().cast::<T>().add(i).read_unaligned()) };
                    let want = if from == to { T::from_f64(s.to_f64()) } else { s.cast::<T>() };
                    assert_eq!(t, want, "{from:?} {s:?} -> {to:?}");
                }
                assert!(target[len * to.size()..].iter().all(|&b| b == 0xA5));
            }));
        }
    }
    assert_eq!((1i64 << 53) + 1, ((1i64 << 53) + 1).cast::<i64>());
    assert_eq!(F16::from_f64(0.1).cast::<BF16>(), BF16::from_f32(F16::from_f64(0.1).to_f32()));
    assert_eq!(F16::from_f64(1e-8).cast::<Bool>(), Bool(0));
}

#[test]
fn strided_copies_move_every_element_to_its_place() {
    let mut random = Random(7);
    let pairs = [
        (DType::Float32, DType::Float32),
        (DType::Float64, DType::Float64),
        (DType::Int16, DType::Int16),
        (DType::Bool, DType::Bool),
        (DType::Float32, DType::Int64),
        (DType::UInt8, DType::Float16),
    ];
    let mut shapes: Vec<&[usize]> = SHAPES.to_vec();
    shapes.extend([&[64usize, 64][..], &[100, 67], &[3, 40, 33]]);
    for (from, to) in pairs {
        for shape in &shapes {
            for _ in 0..10 {
                let source = Tensor::random(&mut random, from, shape, true);
                let mut target = Tensor::random(&mut random, to, shape, false);
                let mut expected = Tensor {
                    dtype: to,
                    strides: target.strides.clone(),
                    offset: target.offset,
                    bytes: target.bytes.clone(),
                };
                each_index(shape, |index| {
                    let at = offset(&expected.strides, index);
                    expected.set(at, source.get(offset(&source.strides, index)));
                });
                // SAFETY: the offset is in the buffer, and the layouts too.
                unsafe {
                    let ptr = target.bytes.as_mut_ptr().add(target.offset * to.size());
                    copy_strided(shape, source.read(), OperandMut { ptr, dtype: to, strides: &target.strides });
                }
                assert!(
                    target.bytes == expected.bytes,
                    "{from:?} -> {to:?} {shape:?} {:?} {:?}",
                    source.strides,
                    target.strides
                );
            }
        }
    }
}

#[test]
fn fill_writes_the_elements_and_nothing_between_them() {
    let mut random = Random(9);
    for shape in SHAPES {
        for dtype in DType::ALL {
            let mut target = Tensor::random(&mut random, dtype, shape, false);
            let mut expected =
                Tensor { dtype, strides: target.strides.clone(), offset: target.offset, bytes: target.bytes.clone() };
            each_index(shape, |index| {
                let at = offset(&expected.strides, index);
                expected.set(at, 3.0);
            });
            let mut value = Tensor { dtype, strides: vec![], offset: 0, bytes: vec![0; 8] };
            value.set(0, 3.0);
            // SAFETY: the offset is in the buffer, and the layout too.
            unsafe {
                let ptr = target.bytes.as_mut_ptr().add(target.offset * dtype.size());
                fill(shape, value.pointer(), OperandMut { ptr, dtype, strides: &target.strides });
            }
            assert!(target.bytes == expected.bytes, "{dtype:?} {shape:?}");
        }
    }
}

#[test]
fn blocks_say_what_they_support() {
    assert!(ADD_SCALED.supports(DType::Int8) && ADD_SCALED.supports(DType::Bool));
    assert!(ADD_SCALED.supports(DType::Float16) && TERNARY.supports(DType::BFloat16) && !XOR.supports(DType::Float16));
    assert!(TERNARY.supports(DType::Float64) && !TERNARY.supports(DType::Int64));
    assert!(XOR.supports(DType::UInt8) && !XOR.supports(DType::Float32));
    assert!(LESS.out_bool && !XOR.out_bool);
}
