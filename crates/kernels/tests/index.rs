//! Indexing kernels against the definition, element by element.

mod sequence;

use adjoint_kernels::index::*;
use adjoint_kernels::reduce::Axis;
use sequence::Sequence;

const GUARD: u32 = u32::MAX - 6;

fn guarded<T: Copy + PartialEq>(len: usize, guard: T, run: impl FnOnce(&mut [T])) -> Vec<T> {
    let mut buffer = vec![guard; len + 32];
    run(&mut buffer[16..16 + len]);
    assert!(buffer[..16].iter().chain(&buffer[16 + len..]).all(|&x| x == guard), "wrote outside its output");
    buffer[16..16 + len].to_vec()
}

/// Axes with the number of indices to draw along them.
fn axes() -> Vec<(Axis, usize)> {
    let mut axes = vec![
        (Axis { outer: 2, n: 0, inner: 3 }, 0),
        (Axis { outer: 0, n: 3, inner: 2 }, 4),
        (Axis { outer: 3, n: 2, inner: 0 }, 5),
    ];
    for n in [1, 2, 5, 17, 101] {
        for inner in [1, 2, 3, 8, 31] {
            for len in [0, 1, 4, 33] {
                axes.push((Axis { outer: 3, n, inner }, len));
            }
        }
    }
    axes
}

/// Indices in -n..n.
fn draw(sequence: &mut Sequence, len: usize, n: usize) -> Vec<i64> {
    (0..len).map(|_| sequence.below(2 * n) as i64 - n as i64).collect()
}

fn place(index: i64, n: usize) -> usize {
    if index < 0 { (index + n as i64) as usize } else { index as usize }
}

#[test]
fn bad_indices_are_found_before_anything_is_done() {
    assert_eq!(first_bad_index(&[], 0), None);
    assert_eq!(first_bad_index(&[0], 0), Some(0));
    assert_eq!(first_bad_index(&[4, -5, 0], 5), None);
    assert_eq!(first_bad_index(&[4, 5], 5), Some(1));
    assert_eq!(first_bad_index(&[4, 0, -6], 5), Some(2));
    assert_eq!(first_bad_index(&[i64::MIN], 5), Some(0));
    assert_eq!(first_bad_index(&[i64::MAX], 5), Some(0));
    assert_eq!(first_outside(&[0, 4], 0, 5), None);
    assert_eq!(first_outside(&[0, 4, -1], 0, 5), Some(2));
    // At every place of more than a block.
    for bad in [-1, 5, i64::MIN, i64::MAX] {
        for at in [0, 1, 510, 511, 512, 513, 1100] {
            let mut indices = vec![4; 1101];
            indices[at] = bad;
            assert_eq!(first_outside(&indices, 0, 5), Some(at), "{bad} at {at}");
        }
    }
}

#[test]
fn long_lanes_are_gathered_and_scattered() {
    // More than a block of indices along the last axis.
    let sequence = &mut Sequence::new(22);
    let (n, len) = (7, 1203);
    let x: Vec<u64> = (0..2 * n as u64).collect();
    let indices = draw(sequence, 2 * len, n);
    let got = guarded(2 * len, 99, |out| gather(&x, Axis::rows(2, n), &indices, len, out));
    let ones = vec![1; 2 * len];
    let counts = guarded(2 * n, 99, |out| {
        out.fill(0);
        scatter_with(out, Axis::rows(2, n), &indices, len, &ones, |a, b| a + b);
    });
    let mut want = vec![0; 2 * n];
    for at in 0..2 * len {
        let from = at / len * n + place(indices[at], n);
        assert_eq!(got[at], x[from]);
        want[from] += 1;
    }
    assert_eq!(counts, want);
}

#[test]
#[should_panic(expected = "index 7 is outside an axis of 7")]
fn a_bad_index_behind_good_blocks_is_refused() {
    let mut indices = vec![0; 1203];
    indices[1202] = 7;
    gather(&[0_u8; 7], Axis::rows(1, 7), &indices, 1203, &mut [0; 1203]);
}

#[test]
fn slices_are_selected_copied_and_added() {
    let sequence = &mut Sequence::new(1);
    for (axis, len) in axes() {
        let Axis { outer, n, inner } = axis;
        let x: Vec<u32> = (0..axis.numel() as u32).collect();
        let indices = if n == 0 { vec![] } else { draw(sequence, len, n) };
        let small = outer * indices.len() * inner;
        let got = guarded(small, GUARD, |out| index_select(&x, axis, &indices, out));
        let values: Vec<u32> = (1000..1000 + small as u32).collect();
        let copied = guarded(axis.numel(), GUARD, |out| index_copy(out, axis, &indices, &values));
        let added = guarded(axis.numel(), GUARD, |out| {
            out.copy_from_slice(&x);
            index_add(out, axis, &indices, &values, u32::wrapping_add);
        });
        let (mut want_copied, mut want_added) = (vec![GUARD; axis.numel()], x.clone());
        for o in 0..outer {
            for (j, &index) in indices.iter().enumerate() {
                for c in 0..inner {
                    let (at, from) = ((o * indices.len() + j) * inner + c, (o * n + place(index, n)) * inner + c);
                    assert_eq!(got[at], x[from], "{axis:?}");
                    want_copied[from] = values[at];
                    want_added[from] += values[at];
                }
            }
        }
        assert_eq!(copied, want_copied);
        assert_eq!(added, want_added);
    }
}

#[test]
fn elements_are_gathered_and_scattered() {
    let sequence = &mut Sequence::new(2);
    for (axis, len) in axes() {
        let Axis { outer, n, inner } = axis;
        let len = if n == 0 { 0 } else { len };
        let x: Vec<u32> = (0..axis.numel() as u32).collect();
        let small = outer * len * inner;
        let indices = if small == 0 { vec![] } else { draw(sequence, small, n) };
        let values: Vec<u32> = (1000..1000 + small as u32).collect();
        let got = guarded(small, GUARD, |out| gather(&x, axis, &indices, len, out));
        let scattered = guarded(axis.numel(), GUARD, |out| scatter(out, axis, &indices, len, &values));
        let greatest = guarded(axis.numel(), GUARD, |out| {
            out.copy_from_slice(&x);
            scatter_with(out, axis, &indices, len, &values, u32::max);
        });
        let (mut want_scattered, mut want_greatest) = (vec![GUARD; axis.numel()], x.clone());
        for at in 0..small {
            let (o, c) = (at / (len * inner), at % inner);
            let from = (o * n + place(indices[at], n)) * inner + c;
            assert_eq!(got[at], x[from], "{axis:?}");
            want_scattered[from] = values[at];
            want_greatest[from] = want_greatest[from].max(values[at]);
        }
        assert_eq!(scattered, want_scattered);
        assert_eq!(greatest, want_greatest);
    }
}

#[test]
fn several_index_arrays_make_offsets() {
    // x[[1, -1, 0], [2, 0, -3]] of shape [2, 3, 4]: runs of four.
    let x: Vec<u32> = (0..24).collect();
    let mut offsets = vec![0; 3];
    assert_eq!(add_index_offsets(&mut offsets, &[1, -1, 0], 2, 12), Ok(()));
    assert_eq!(add_index_offsets(&mut offsets, &[2, 0, -3], 3, 4), Ok(()));
    assert_eq!(offsets, [20, 12, 0]);
    assert_eq!(add_index_offsets(&mut offsets, &[1, 3, 7], 3, 4), Err(1));
    assert_eq!(offsets, [20, 12, 0], "a refused index changes nothing");

    let got = guarded(12, GUARD, |out| take(&x, &offsets, 4, out));
    assert_eq!(got, [20, 21, 22, 23, 12, 13, 14, 15, 0, 1, 2, 3]);
    let mut out = vec![0; 24];
    put(&mut out, &[20, 20, 0], 4, &(1..13).collect::<Vec<u32>>());
    assert_eq!(out[20..], [5, 6, 7, 8]);
    assert_eq!(out[..5], [9, 10, 11, 12, 0]);
    put_with(&mut out, &[20, 20], 1, &[100, 1000], |y, x| y + x);
    assert_eq!(out[20..22], [1105, 6]);
    take::<u32>(&x, &[], 4, &mut []);
    take::<u32>(&x, &[1, 2], 0, &mut []);
}

#[test]
fn masks_compact_and_expand() {
    let sequence = &mut Sequence::new(3);
    for len in [0, 1, 2, 7, 64, 1000] {
        for odds in [1, 2, 10] {
            let mask: Vec<u8> = (0..len).map(|_| u8::from(sequence.below(odds) == 0)).collect();
            let x: Vec<u32> = (0..len as u32).collect();
            let want: Vec<u32> = x.iter().copied().filter(|&i| mask[i as usize] != 0).collect();
            let got = guarded(want.len(), GUARD, |out| compact(&x, &mask, out));
            assert_eq!(got, want);
            let back = guarded(len, GUARD, |out| expand(out, &mask, &want));
            for i in 0..len {
                assert_eq!(back[i], if mask[i] != 0 { x[i] } else { GUARD });
            }
            let positions = guarded(want.len(), -7, |out| nonzero(&mask, out));
            assert!(positions.iter().zip(&want).all(|(&p, &w)| p == i64::from(w)));
        }
    }
    let x = [0.0, -0.0, f32::NAN, 2.0, 0.0, 1.0];

    assert_eq!(guarded(9, -7, |out| nonzero_in(&x, &[1, 2, 3], out)), [0, 0, 2, 0, 1, 0, 0, 1, 2]);
    nonzero_in(&[5_i64], &[], &mut []);
}

#[test]
fn sorting_is_stable_with_nan_last_or_first() {
    let sequence = &mut Sequence::new(4);
    for (axis, k) in axes() {
        let Axis { outer, n, inner } = axis;
        let k = k.min(n);
        let pool = [f32::NAN, -f32::NAN, f32::INFINITY, -f32::INFINITY, 0.0, -0.0, 1e-40, -1e-40, 1.5, -1.5, 3.0, -3.0];
        let x: Vec<f32> = (0..axis.numel()).map(|_| pool[sequence.below(pool.len())]).collect();
        for descending in [false, true] {
            let mut values = vec![-77.0; axis.numel()];
            let indices = guarded(axis.numel(), -7, |out| sort(&x, axis, descending, &mut values, out));
            let mut top_values = vec![-77.0; outer * k * inner];
            let top = guarded(outer * k * inner, -7, |out| topk(&x, axis, k, descending, &mut top_values, out));
            for (o, c) in (0..outer).flat_map(|o| (0..inner).map(move |c| (o, c))) {
                let lane: Vec<f32> = (0..n).map(|i| x[(o * n + i) * inner + c]).collect();
                // NaN is the greatest, and equal to itself; the standard library's stable sort does the rest.
                let order = |a: f32, b: f32| {
                    a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal))
                };
                let mut want: Vec<usize> = (0..n).collect();
                want.sort_by(|&a, &b| if descending { order(lane[b], lane[a]) } else { order(lane[a], lane[b]) });
                for (j, &i) in want.iter().enumerate() {
                    let at = (o * n + j) * inner + c;
                    assert_eq!(indices[at], i as i64, "{axis:?} descending={descending}");
                    assert_eq!(values[at].to_bits(), lane[i].to_bits());
                    if j < k {
                        // Of equal elements another may be chosen, each once.
                        let (at, what) = ((o * k + j) * inner + c, format!("{axis:?} k={k} largest={descending}"));
                        let chosen = lane[top[at] as usize];
                        assert!(order(chosen, lane[i]).is_eq(), "{what}");
                        assert_eq!(top_values[at].to_bits(), chosen.to_bits(), "{what}");
                        assert!((0..j).all(|l| top[(o * k + l) * inner + c] != top[at]), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn of_equal_elements_the_same_are_chosen_as_by_pytorch() {
    let cycle: Vec<i64> = (0..70).map(|i| (i * 7 + i / 5) % 4).collect();
    let long: Vec<i64> = (0..300).map(|i| i * 5 % 3).collect();
    let chosen = |x: &[i64], k: usize, largest: bool| {
        let mut values = vec![0; k];
        guarded(k, -7, |out| topk(x, Axis::whole(x.len()), k, largest, &mut values, out))
    };
    // By selection and sort, and by a heap. PyTorch 2.15.
    assert_eq!(chosen(&cycle, 5, true), [61, 31, 26, 56, 21]);
    assert_eq!(chosen(&cycle, 5, false), [40, 0, 39, 34, 44]);
    let third = [51, 66, 11, 6, 16, 21, 61, 26, 31, 56, 36, 41, 46, 1, 22, 12, 42, 7, 32, 57];
    assert_eq!(chosen(&cycle, 20, true), third);
    assert_eq!(chosen(&cycle, 1, true), [1]);
    assert_eq!(chosen(&long, 4, true), [4, 1, 10, 7]);
    assert_eq!(chosen(&long, 4, false), [0, 3, 9, 6]);
    assert_eq!(chosen(&long, 5, false), [210, 93, 207, 90, 213]);
    assert_eq!(chosen(&[1; 5], 3, true), [2, 4, 3]);
}

#[test]
fn every_type_sorts_by_its_own_order() {
    fn check<T: SortKey + PartialOrd + std::fmt::Debug>(ascending: &[T]) {
        for pair in ascending.windows(2) {
            assert!(pair[0].sort_key() < pair[1].sort_key(), "{pair:?}");
        }
    }
    check(&[
        f32::NEG_INFINITY,
        f32::MIN,
        -1.0,
        -f32::MIN_POSITIVE,
        -1e-45,
        0.0,
        1e-45,
        f32::MIN_POSITIVE,
        1.0,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
    ]);
    check(&[f64::NEG_INFINITY, f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY, f64::NAN]);
    check(&[i64::MIN, -1, 0, 1, i64::MAX]);
    check(&[i32::MIN, -1, 0, 1, i32::MAX]);
    check(&[i16::MIN, -1, 0, 1, i16::MAX]);
    check(&[i8::MIN, -1, 0, 1, i8::MAX]);
    check(&[0_u8, 1, 127, 128, 255]);
    assert_eq!(0.0_f32.sort_key(), (-0.0_f32).sort_key());
    assert_eq!(0.0_f64.sort_key(), (-0.0_f64).sort_key());
}

#[test]
#[should_panic(expected = "outside an axis of 3")]
fn a_bad_index_is_never_written_through() {
    // Index 3 of row 0 is inside the array, where row 1 begins: only a check against the axis sees it.
    scatter(&mut [0_u8; 6], Axis::rows(2, 3), &[0, 1, 2, 3, 0, 0], 3, &[1; 6]);
}

#[test]
#[should_panic(expected = "outside an axis of 3")]
fn a_bad_slice_is_never_read() {
    index_select(&[0_u8; 12], Axis { outer: 2, n: 3, inner: 2 }, &[-4], &mut [0; 4]);
}

#[test]
fn runs_of_indices_are_selected_like_single_ones() {
    let sequence = &mut Sequence::new(51);
    for inner in [1, 2, 5, 31] {
        for lengths in [&[1, 30, 1][..], &[5, 5, 1, 9], &[40], &[17, 16]] {
            let (outer, n) = (9, 43);
            let mut indices = vec![];
            for &len in lengths {
                let start = sequence.below(n - len + 1) as i64;
                // Some count from the end.
                indices.extend((0..len as i64).map(|i| start + i - if i % 3 == 0 { n as i64 } else { 0 }));
            }
            let axis = Axis { outer, n, inner };
            let x: Vec<u32> = (0..axis.numel() as u32).collect();
            let got = guarded(outer * indices.len() * inner, GUARD, |out| index_select(&x, axis, &indices, out));
            for (at, &y) in got.iter().enumerate() {
                let (o, j, c) = (at / inner / indices.len(), at / inner % indices.len(), at % inner);
                assert_eq!(y, x[(o * n + place(indices[j], n)) * inner + c]);
            }
        }
    }
}

#[test]
#[should_panic(expected = "outside an axis of 5")]
fn a_run_that_leaves_the_axis_is_never_read() {
    index_select(&[0_u8; 45], Axis::rows(9, 5), &[0, 1, 2, 3, 4, 5], &mut [0; 54]);
}

#[test]
fn long_lanes_sort_by_digits_as_by_comparisons() {
    let sequence = &mut Sequence::new(52);
    for n in [127, 128, 129, 1000, 4095, 4096, 5003] {
        for span in [1, 2, 300, 70_000, 1 << 40, u64::MAX] {
            let x: Vec<i64> =
                (0..n).map(|_| ((sequence.next() % span) as i64).wrapping_sub((span / 3) as i64)).collect();
            let floats: Vec<f32> = x.iter().map(|&v| if v % 11 == 5 { f32::NAN } else { v as f32 * 0.5 }).collect();
            for descending in [false, true] {
                let mut order: Vec<i64> = (0..n as i64).collect();
                order.sort_by(|&a, &b| {
                    let (a, b) = (x[a as usize], x[b as usize]);
                    if descending { b.cmp(&a) } else { a.cmp(&b) }
                });
                let (mut values, mut places) = (vec![0; n], vec![0; n]);
                sort(&x, Axis::whole(n), descending, &mut values, &mut places);
                assert_eq!(places, order, "{n} {span} {descending}");
                assert!(values.iter().zip(&places).all(|(&v, &i)| v == x[i as usize]));

                let mut order: Vec<i64> = (0..n as i64).collect();
                order.sort_by(|&a, &b| {
                    let (a, b) = (floats[a as usize], floats[b as usize]);
                    let ascending =
                        a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal));
                    if descending { ascending.reverse() } else { ascending }
                });
                let mut values = vec![0.0; n];
                sort(&floats, Axis::whole(n), descending, &mut values, &mut places);
                assert_eq!(places, order, "{n} {span} {descending}");
            }
        }
    }
}

#[test]
fn rows_are_turned_round() {
    for (rows, n) in [(0, 3), (3, 0), (1, 1), (2, 7), (3, 16), (5, 37)] {
        let x: Vec<u32> = (0..rows * n).map(|i| i as u32).collect();
        let got = guarded(rows * n, GUARD, |out| reverse_rows(&x, n, out));
        let want: Vec<u32> = x.chunks(n.max(1)).flat_map(|row| row.iter().rev().copied()).collect();
        assert_eq!(got, want);
        let bytes: Vec<u8> = x.iter().map(|&v| v as u8).collect();
        let got = guarded(rows * n, 255, |out| reverse_rows(&bytes, n, out));
        assert!(got.iter().zip(&want).all(|(&a, &b)| a == b as u8));
    }
}
