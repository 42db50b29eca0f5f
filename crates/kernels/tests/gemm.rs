//! Matrix products against the definition, over shapes, layouts and factors, inside guarded buffers.

mod sequence;

use adjoint_kernels::gemm::{
    Matrix, Path, Plan, choose, gemm, gemm_batched, gemm_batched_f32, gemm_batched_f64, gemm_f32, gemm_f64, gemm_int,
};
use sequence::Sequence;

/// Elements before and after a buffer that no kernel may touch.
const GUARD: usize = 37;
const GUARD_VALUE: f64 = -12345.0;

/// A strided matrix somewhere inside a guarded buffer.
struct Strided {
    data: Vec<f64>,
    start: usize,
    rs: isize,
    cs: isize,
}

#[derive(Clone, Copy, Debug)]
enum Layout {
    Rows,
    PaddedRows,
    Cols,
    Loose,
    RowsBackwards,
    BroadcastRows,
    BroadcastCols,
}

const OUT_LAYOUTS: [Layout; 5] = [Layout::Rows, Layout::PaddedRows, Layout::Cols, Layout::Loose, Layout::RowsBackwards];
const IN_LAYOUTS: [Layout; 7] = [
    Layout::Rows,
    Layout::PaddedRows,
    Layout::Cols,
    Layout::Loose,
    Layout::RowsBackwards,
    Layout::BroadcastRows,
    Layout::BroadcastCols,
];

impl Strided {
    fn new(rows: usize, cols: usize, layout: Layout, values: &mut Sequence) -> Self {
        let (r, c) = (rows as isize, cols as isize);
        let (rs, cs) = match layout {
            Layout::Rows => (c, 1),
            Layout::PaddedRows => (c + 3, 1),
            Layout::Cols => (1, r),
            Layout::Loose => (2 * c + 5, 2),
            Layout::RowsBackwards => (-c, 1),
            Layout::BroadcastRows => (0, 1),
            Layout::BroadcastCols => (1, 0),
        };
        let (last_r, last_c) = ((r - 1).max(0) * rs, (c - 1).max(0) * cs);
        let low = (last_r.min(0) + last_c.min(0)).unsigned_abs();
        let high = (last_r.max(0) + last_c.max(0)) as usize + 1;
        let mut data = vec![GUARD_VALUE; low + high + 2 * GUARD];
        let start = GUARD + low;
        for i in 0..r {
            for j in 0..c {
                data[(start as isize + i * rs + j * cs) as usize] = f64::from(values.unit() as f32);
            }
        }
        Self { data, start, rs, cs }
    }

    fn offset(&self, i: usize, j: usize) -> usize {
        (self.start as isize + i as isize * self.rs + j as isize * self.cs) as usize
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[self.offset(i, j)]
    }

    fn f32s(&self) -> Vec<f32> {
        self.data.iter().map(|&x| x as f32).collect()
    }
}

struct Case {
    m: usize,
    n: usize,
    k: usize,
    layouts: [Layout; 3],
    alpha: f64,
    beta: f64,
}

/// Runs a case in both float types and compares every element of the output buffer, guards included.
fn check(case: &Case, values: &mut Sequence) {
    let &Case { m, n, k, layouts, alpha, beta } = case;
    let a = Strided::new(m, k, layouts[0], values);
    let b = Strided::new(k, n, layouts[1], values);
    let mut c = Strided::new(m, n, layouts[2], values);
    let before = c.data.clone();
    let mut want = before.clone();
    let mut room = vec![0.0; before.len()];
    for i in 0..m {
        for j in 0..n {
            let terms = (0..k).map(|p| a.at(i, p) * b.at(p, j));
            let sum: f64 = terms.clone().sum();
            let at = c.offset(i, j);
            let old = if beta == 0.0 { 0.0 } else { beta * before[at] };
            want[at] = alpha * sum + old;
            // The bound of the docs, k·ε·Σ|a·b|, and two roundings for alpha and beta.
            room[at] = alpha.abs() * terms.map(f64::abs).sum::<f64>() * k as f64 + 4.0 * (want[at].abs() + old.abs());
            if beta == 0.0 {
                c.data[at] = f64::NAN;
            }
        }
    }
    let shape = format!("m={m} n={n} k={k} {layouts:?} alpha={alpha} beta={beta}");
    let (a32, b32, mut c32) = (a.f32s(), b.f32s(), c.f32s());
    // SAFETY: each matrix is inside its buffer by construction.
    unsafe {
        let (pa, pb, pc) =
            (a.data.as_ptr().add(a.start), b.data.as_ptr().add(b.start), c.data.as_mut_ptr().add(c.start));
        gemm_f64(m, n, k, alpha, pa, a.rs, a.cs, pb, b.rs, b.cs, beta, pc, c.rs, c.cs);
        let (pa, pb, pc) = (a32.as_ptr().add(a.start), b32.as_ptr().add(b.start), c32.as_mut_ptr().add(c.start));
        gemm_f32(m, n, k, alpha as f32, pa, a.rs, a.cs, pb, b.rs, b.cs, beta as f32, pc, c.rs, c.cs);
    }
    for at in 0..want.len() {
        let error = (c.data[at] - want[at]).abs();
        assert!(error <= room[at] * f64::EPSILON, "f64 {shape} at {at}: {} is not {}", c.data[at], want[at]);
        let error = (f64::from(c32[at]) - want[at]).abs();
        assert!(error <= room[at] * f64::from(f32::EPSILON), "f32 {shape} at {at}: {} is not {}", c32[at], want[at]);
    }
}

#[test]
fn every_layout_of_every_operand_gives_the_product() {
    let values = &mut Sequence::new(1);
    let shapes = [(1, 1, 1), (1, 9, 7), (9, 1, 7), (5, 3, 2), (4, 8, 16), (13, 17, 11), (33, 20, 70), (20, 100, 90)];
    let few = [(2, 9, 37), (9, 3, 50), (4, 21, 19), (2, 40, 33), (37, 10, 21), (3, 2, 16), (2, 2, 300), (21, 12, 5)];
    for (m, n, k) in shapes.into_iter().chain(few) {
        for a in IN_LAYOUTS {
            for b in IN_LAYOUTS {
                for c in OUT_LAYOUTS {
                    check(&Case { m, n, k, layouts: [a, b, c], alpha: 1.0, beta: 0.0 }, values);
                }
            }
        }
    }
}

#[test]
fn sizes_around_every_tile_and_block_edge_give_the_product() {
    let values = &mut Sequence::new(2);
    let sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 23, 31, 33];
    for m in sizes {
        for n in sizes {
            for k in sizes {
                check(&Case { m, n, k, layouts: [Layout::Rows; 3], alpha: 1.0, beta: 1.0 }, values);
            }
        }
    }
    for (m, n, k) in
        [(129, 67, 257), (3, 1030, 300), (260, 9, 513), (131, 1, 1000), (1, 2500, 37), (2100, 1, 37), (64, 64, 64)]
    {
        for b in [Layout::Rows, Layout::Cols, Layout::Loose] {
            for c in [Layout::Rows, Layout::Cols] {
                check(&Case { m, n, k, layouts: [Layout::Rows, b, c], alpha: 1.0, beta: 0.0 }, values);
                check(&Case { m, n, k, layouts: [Layout::Cols, b, c], alpha: 0.5, beta: -2.0 }, values);
            }
        }
    }
}

#[test]
fn random_shapes_layouts_and_factors_give_the_product() {
    let values = &mut Sequence::new(3);
    for _ in 0..300 {
        let (m, n, k) = (values.below(70), values.below(70), values.below(140));
        let a = IN_LAYOUTS[values.below(IN_LAYOUTS.len())];
        let b = IN_LAYOUTS[values.below(IN_LAYOUTS.len())];
        let c = OUT_LAYOUTS[values.below(OUT_LAYOUTS.len())];
        let alpha = [1.0, -1.0, 0.0, 0.75][values.below(4)];
        let beta = [0.0, 1.0, -0.5][values.below(3)];
        check(&Case { m, n, k, layouts: [a, b, c], alpha, beta }, values);
    }
}

#[test]
fn a_nan_in_an_operand_reaches_its_row_and_column() {
    for n in [3, 24, 200] {
        let mut a = vec![1.0_f32; n * n];
        a[2] = f32::NAN;
        let b = vec![0.0_f32; n * n];
        let mut c = vec![0.0_f32; n * n];
        gemm(n, n, n, 1.0, Matrix::rows(&a, n), Matrix::rows(&b, n), 0.0, &mut c, (n, 1));
        assert!(c[..n].iter().all(|x| x.is_nan()), "row 0 of {n}");
        assert!(c[n..].iter().all(|&x| x == 0.0), "the other rows of {n}");
    }
}

#[test]
fn a_batch_is_its_products_one_by_one() {
    let values = &mut Sequence::new(4);
    // (batch, m, n, k), and the batch strides of A and B as multiples of their size: 0 repeats the operand.
    for (batch, m, n, k, ta, tb) in [
        (0, 2, 2, 2, 1, 1),
        (1, 3, 4, 5, 1, 1),
        (7, 5, 6, 7, 1, 1),
        (7, 5, 6, 7, 1, 0),
        (7, 5, 6, 7, 0, 1),
        (3, 1, 9, 20, 1, 0),
        (5, 16, 16, 16, 1, 1),
        (2, 0, 3, 3, 1, 1),
        (4, 3, 3, 0, 1, 1),
    ] {
        let a = values.f32s(m * k * batch.max(1));
        let b = values.f32s(k * n * batch.max(1));
        let (sa, sb, sc) = (ta * m * k, tb * k * n, m * n);
        let mut want = vec![7.0_f32; batch * m * n + GUARD];
        for q in 0..batch {
            let (a, b) = (Matrix::rows(&a[q * sa..], k), Matrix::rows(&b[q * sb..], n));
            gemm(m, n, k, 1.0, a, b, 0.5, &mut want[q * sc..], (n, 1));
        }
        let mut c = vec![7.0_f32; batch * m * n + GUARD];
        let (va, vb) = (Matrix::rows(&a, k), Matrix::rows(&b, n));
        gemm_batched(batch, m, n, k, 1.0, va, vb, 0.5, &mut c, (n, 1), [sa, sb, sc]);
        assert_eq!(c, want, "batch={batch} m={m} n={n} k={k}");

        let (sa, sb, sc) = (sa as isize, sb as isize, sc as isize);
        let (m_, n_, k_) = (m as isize, n as isize, k as isize);
        let mut raw = vec![7.0_f32; batch * m * n + GUARD];
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let (a64, b64, mut c64) = (wide(&a), wide(&b), wide(&raw));
        let (a_strides, b_strides, c_strides) = ([sa, k_, 1], [sb, n_, 1], [sc, n_, 1]);
        // SAFETY: the buffers hold the whole batch.
        unsafe {
            let (pa, pb) = (a.as_ptr(), b.as_ptr());
            gemm_batched_f32(batch, m, n, k, 1.0, pa, a_strides, pb, b_strides, 0.5, raw.as_mut_ptr(), c_strides);
            let (pa, pb) = (a64.as_ptr(), b64.as_ptr());
            gemm_batched_f64(batch, m, n, k, 1.0, pa, a_strides, pb, b_strides, 0.5, c64.as_mut_ptr(), c_strides);
        }
        assert_eq!(raw, want, "batch={batch} m={m} n={n} k={k}");
        assert!(c64.iter().zip(&want).all(|(x, &y)| (x - f64::from(y)).abs() < 1e-5), "f64 batch={batch} m={m}");
        assert_eq!(m_ as usize, m);
    }
}

#[test]
fn a_batch_of_columns_times_rows_is_their_products() {
    let values = &mut Sequence::new(9);
    for (batch, m, n) in [(3, 5, 7), (1, 1, 9), (4, 6, 1), (2, 0, 3)] {
        let (a, b) = (values.f32s(m * batch), values.f32s(n * batch));
        let mut c = vec![7.0_f32; batch * m * n + GUARD];
        gemm_batched(batch, m, n, 1, 1.0, Matrix::rows(&a, 1), Matrix::rows(&b, n), 0.0, &mut c, (n, 1), [m, n, m * n]);
        for (at, found) in c.iter().enumerate() {
            let (q, i, j) = (at / (m * n).max(1), at / n % m.max(1), at % n);
            let want = if at < batch * m * n { 0.0 + a[q * m + i] * b[q * n + j] } else { 7.0 };
            assert_eq!(*found, want, "batch={batch} m={m} n={n} at {at}");
        }
    }
}

#[test]
fn a_batch_may_interleave_its_outputs() {
    // Heads of attention: out [m, batch, n], so that neighbouring rows of one product are batch · n apart.
    let (batch, m, n, k) = (3, 4, 5, 6);
    let values = &mut Sequence::new(5);
    let (a, b) = (values.f64s(batch * m * k), values.f64s(batch * k * n));
    let mut c = vec![0.0; m * batch * n];
    let strides = [m * k, k * n, n];
    gemm_batched(batch, m, n, k, 1.0, Matrix::rows(&a, k), Matrix::rows(&b, n), 0.0, &mut c, (batch * n, 1), strides);
    for q in 0..batch {
        for i in 0..m {
            for j in 0..n {
                let want: f64 = (0..k).map(|p| a[q * m * k + i * k + p] * b[q * k * n + p * n + j]).sum();
                assert!((c[(i * batch + q) * n + j] - want).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn integer_products_wrap() {
    let a: Vec<u8> = (0..6).map(|x| x * 50).collect();
    let b: Vec<u8> = (0..12).map(|x| x * 21).collect();
    let mut c = [9_u8; 10];
    gemm_int(2, 4, 3, Matrix::rows(&a, 3), Matrix::rows(&b, 4), &mut c);
    let mut transposed = [9_u8; 10];
    let bt: Vec<u8> = (0..12).map(|x| b[x % 3 * 4 + x / 3]).collect();
    gemm_int(2, 4, 3, Matrix::rows(&a, 3), Matrix::new(&bt, 1, 3), &mut transposed);
    for i in 0..2 {
        for j in 0..4 {
            let want: u32 = (0..3).map(|p| u32::from(a[i * 3 + p]) * u32::from(b[p * 4 + j])).sum();
            assert_eq!(u32::from(c[i * 4 + j]), want % 256);
        }
    }
    assert_eq!(c, transposed);
    assert_eq!(c[8..], [9, 9]);

    let mut c = [1_i64; 1];
    gemm_int(1, 1, 2, Matrix::rows(&[i64::MAX, 2], 2), Matrix::rows(&[2, 3], 1), &mut c);
    assert_eq!(c, [4]);
    gemm_int::<i32>(1, 1, 0, Matrix::rows(&[], 0), Matrix::rows(&[], 1), &mut [5]);
    gemm_int::<i16>(0, 3, 1, Matrix::rows(&[], 1), Matrix::rows(&[1, 2, 3], 3), &mut []);
    gemm_int::<i8>(3, 0, 1, Matrix::rows(&[1, 2, 3], 1), Matrix::rows(&[], 0), &mut []);
}

#[test]
#[should_panic(expected = "operand reaches past its slice")]
fn an_operand_too_short_for_its_shape_is_refused() {
    gemm(2, 2, 2, 1.0_f32, Matrix::rows(&[0.0; 3], 2), Matrix::rows(&[0.0; 4], 2), 0.0, &mut [0.0; 4], (2, 1));
}

#[test]
#[should_panic(expected = "output reaches past its slice")]
fn an_output_too_short_for_its_shape_is_refused() {
    gemm(2, 2, 2, 1.0_f32, Matrix::rows(&[0.0; 4], 2), Matrix::rows(&[0.0; 4], 2), 0.0, &mut [0.0; 3], (2, 1));
}

#[test]
#[should_panic(expected = "output strides overlap")]
fn an_output_that_overlaps_itself_is_refused() {
    gemm(2, 2, 2, 1.0_f32, Matrix::rows(&[0.0; 4], 2), Matrix::rows(&[0.0; 4], 2), 0.0, &mut [0.0; 4], (1, 1));
}

/// The plan for row-major, column-major (`t`) or loose (`l`) operands: `"nt"` is A by rows, B by columns, as in `x · Wᵀ`.
fn plan(m: usize, n: usize, k: usize, layouts: &str) -> Plan {
    let strides = |layout: u8, rows: usize, cols: usize| match layout {
        b't' => (1, rows as isize),
        b'l' => (2 * cols as isize, 2),
        _ => (cols as isize, 1),
    };
    let l = layouts.as_bytes();
    choose(m, n, k, strides(l[0], m, k), strides(l[1], k, n), strides(l[2], m, n), 8)
}

#[test]
fn the_path_follows_from_shape_and_strides() {
    let is = |path, transpose| Plan { path, transpose };
    for ((m, n, k), layouts, want) in [
        ((0, 5, 5), "nnn", is(Path::Empty, false)),
        ((5, 0, 5), "nnn", is(Path::Empty, false)),
        ((5, 5, 0), "nnn", is(Path::Scale, false)),
        ((500, 1, 300), "nnn", is(Path::Dot, false)),
        ((500, 1, 300), "tnn", is(Path::Axpy, false)),
        ((500, 1, 300), "lnn", is(Path::Packed, false)),
        ((1, 500, 300), "nnn", is(Path::Axpy, true)),
        ((1, 500, 300), "ntn", is(Path::Dot, true)),
        ((1, 1, 300), "ntn", is(Path::Dot, false)),
        ((16, 16, 16), "nnn", is(Path::Direct, false)),
        ((64, 64, 64), "nnn", is(Path::Direct, false)),
        ((64, 64, 64), "ntn", is(Path::Direct, false)),
        ((64, 64, 64), "nnt", is(Path::Direct, true)),
        ((4096, 64, 64), "nnn", is(Path::Direct, false)),
        ((128, 128, 128), "nnn", is(Path::Packed, false)),
        ((512, 512, 512), "ttn", is(Path::Packed, false)),
        ((512, 512, 512), "nnt", is(Path::Packed, true)),
        // So few rows that copying B would cost more than it saves; not when its rows are not contiguous.
        ((8, 512, 512), "nnn", is(Path::Direct, false)),
        ((16, 512, 512), "tnn", is(Path::Direct, false)),
        ((17, 512, 512), "nnn", is(Path::Packed, false)),
        ((512, 8, 512), "tnt", is(Path::Direct, true)),
        ((8, 512, 512), "nln", is(Path::Packed, false)),
        // A linear layer on few rows copies the rows, not the weights.
        ((16, 256, 256), "ntn", is(Path::Direct, true)),
        ((256, 256, 256), "ntn", is(Path::Packed, false)),
        // A linear layer on two to four rows, or with as few outputs: inner products, unless they are short.
        ((2, 256, 784), "ntn", is(Path::Dot, true)),
        ((4, 128, 64), "ntn", is(Path::Dot, true)),
        ((64, 3, 128), "ntn", is(Path::Dot, false)),
        ((5, 128, 64), "ntn", is(Path::Direct, true)),
        ((4, 128, 15), "ntn", is(Path::Direct, true)),
        ((2, 256, 784), "nnn", is(Path::Direct, false)),
        ((2, 256, 784), "tnn", is(Path::Direct, false)),
        ((2, 256, 784), "ttn", is(Path::Packed, false)),
        // Ten outputs: eight columns by four rows, then four by eight.
        ((64, 10, 128), "nnn", is(Path::Direct, false)),
        ((64, 10, 128), "ntn", is(Path::Direct, false)),
    ] {
        assert_eq!(plan(m, n, k, layouts), want, "{m} × {n} × {k} {layouts}");
    }
}
