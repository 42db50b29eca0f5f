//! Raw exports for `run.mjs`: the inner loop of a product alone, on panels that are already packed and in cache, in many shapes of tile.

#[path = "../../runner.rs"]
mod runner;

use adjoint_simd::F32x4;

/// `R` rows by `W` vectors, `U` steps of `k` a turn; where `FIRST`, pointers step before the loads and not after. `sa` and `sb` are what a
/// turn adds to a and b, which the compiler must not know.
///
/// # Safety
/// The panels hold `k` steps, a multiple of `U`, and `c` a tile.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "the form that the engine was seen to compile without spilling")]
unsafe fn tile<const R: usize, const W: usize, const U: usize, const FIRST: bool>(
    k: usize,
    a: *const f32,
    b: *const f32,
    sa: isize,
    sb: isize,
    c: *mut f32,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut acc = [[F32x4::splat(0.0); W]; R];
        let (mut a, mut b) = (a, b);
        if FIRST {
            a = a.wrapping_offset(-sa);
            b = b.wrapping_offset(-sb);
        }
        let end = b.wrapping_offset((k / U) as isize * sb);
        while b != end {
            if FIRST {
                a = a.wrapping_offset(sa);
                b = b.wrapping_offset(sb);
            }
            for u in 0..U {
                let y: [F32x4; W] = std::array::from_fn(|j| F32x4::load(b.add((u * W + j) * 4)));
                for i in 0..R {
                    let x = F32x4::load_splat(a.add(u * R + i));
                    for j in 0..W {
                        acc[i][j] = x.mul_add(y[j], acc[i][j]);
                    }
                }
            }
            if !FIRST {
                a = a.wrapping_offset(sa);
                b = b.wrapping_offset(sb);
            }
        }
        for i in 0..R {
            for j in 0..W {
                acc[i][j].store(c.add((i * W + j) * 4));
            }
        }
    }
}

/// `t_<rows>_<vectors>_<steps a turn>_<1 where pointers step first>`: `reps` times `panels` panels of A with one of B.
macro_rules! tiles {
    ($($name:ident $r:literal $w:literal $u:literal $first:literal;)+) => {$(
        mod $name {
            #[inline(never)]
            pub unsafe fn one(k: usize, a: *const f32, b: *const f32, sa: isize, sb: isize, c: *mut f32) {
                // SAFETY: the runner's promise.
                unsafe { super::tile::<$r, $w, $u, $first>(k, a, b, sa, sb, c) }
            }
        }
        /// # Safety
        /// The areas hold the panels and the tiles.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(reps: u32, panels: usize, k: usize, a: *const f32, b: *const f32, c: *mut f32) {
            let [sa, sb] = [$r * $u, 4 * $w * $u].map(core::hint::black_box::<isize>);
            for _ in 0..reps {
                for p in 0..panels {
                    // SAFETY: the runner's promise.
                    unsafe { $name::one(k, a.add(p * $r * k), b, sa, sb, c.add(p * $r * $w * 4)) };
                }
            }
        }
    )+};
}
tiles! {
    t_4_2_1_0 4 2 1 false;
    t_4_2_1_1 4 2 1 true;
    t_4_2_2_1 4 2 2 true;
    t_4_2_4_1 4 2 4 true;
    t_5_2_1_1 5 2 1 true;
    t_6_2_1_0 6 2 1 false;
    t_6_2_1_1 6 2 1 true;
    t_6_2_2_1 6 2 2 true;
    t_3_3_1_1 3 3 1 true;
    t_2_4_1_1 2 4 1 true;
    t_4_1_1_1 4 1 1 true;
    t_6_1_1_1 6 1 1 true;
    t_8_1_1_1 8 1 1 true;
}
