//! Pooling against the definition, over sizes, strides, paddings and dilations.

mod sequence;

use adjoint_kernels::pool::{Pool1d, Pool2d, Pooled, Span, gather, max, max_f32, mean, scatter, spread};
use sequence::Sequence;

/// The elements of a window along an axis that exist.
fn elements(p: &Pool2d, axis: usize, i: usize) -> Vec<usize> {
    (0..p.kernel[axis])
        .filter_map(|k| (i * p.stride[axis] + k * p.dilation[axis]).checked_sub(p.padding[axis]))
        .filter(|&at| at < p.input[axis])
        .collect()
}

fn check(p: &Pool2d, x: &[f32]) {
    let (area, windows) = (p.input[0] * p.input[1], p.output[0] * p.output[1]);
    let n = p.planes * windows;
    let (mut y, mut at) = (vec![7.0; n], vec![7; n]);
    max_f32(p, x, &mut y, &mut at);
    let wide: Vec<f64> = x.iter().map(|&v| f64::from(v)).collect();
    let (mut y64, mut at64) = (vec![7.0; n], vec![7; n]);
    max(p, &wide, &mut y64, &mut at64);
    assert_eq!(at, at64, "{p:?}");
    for plane in 0..p.planes {
        for i in 0..p.output[0] {
            for j in 0..p.output[1] {
                let (mut best, mut place) = (f32::NEG_INFINITY, -1);
                for h in elements(p, 0, i) {
                    for w in elements(p, 1, j) {
                        let v = x[plane * area + h * p.input[1] + w];
                        if place < 0 || v > best || v.is_nan() {
                            (best, place) = (v, (h * p.input[1] + w) as i32);
                        }
                    }
                }
                let o = plane * windows + i * p.output[1] + j;
                assert_eq!((y[o].to_bits(), at[o]), (best.to_bits(), place), "{p:?} at {plane}, {i}, {j}");
                assert_eq!(y64[o].is_nan(), best.is_nan());
                assert!(best.is_nan() || y64[o] == f64::from(best));
            }
        }
    }
    // The transposes: Σ g · gather(x) = Σ scatter(g) · x, and what was gathered is the maximum.
    let g: Vec<f64> = (0..n).map(|i| (i % 5) as f64 - 2.0).collect();
    let (mut got, mut put) = (vec![0.0; n], vec![3.0; wide.len()]);
    gather(p.planes, &wide, &at, &mut got);
    scatter(p.planes, &g, &at, &mut put);
    if wide.iter().all(|v| v.is_finite()) && at.iter().all(|&a| a >= 0) {
        assert_eq!(got, y64);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        assert!((dot(&g, &got) - dot(&put, &wide)).abs() < 1e-9);
    }
}

#[test]
fn every_window_gives_its_greatest_element_and_place() {
    let values = &mut Sequence::new(1);
    for _ in 0..600 {
        let mut pair = |low: usize, high: usize| [low + values.below(high - low), low + values.below(high - low)];
        let (kernel, stride, dilation, input) = (pair(1, 4), pair(1, 4), pair(1, 3), pair(0, 20));
        let padding = [kernel[0] / 2, kernel[1] / 2];
        let output = pair(0, 6);
        let planes = values.below(4);
        let p = Pool2d { planes, input, output, kernel, stride, padding, dilation };
        let reach = |i: usize| (output[i].max(1) - 1) * stride[i] < input[i] + padding[i];
        if reach(0) && reach(1) {
            let mut x = values.f32s(planes * input[0] * input[1]);
            check(&p, &x);
            // Ties, infinities and NaNs.
            let special = [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0];
            x.iter_mut().for_each(|v| *v = special[values.below(6)]);
            check(&p, &x);
        }
    }
}

#[test]
fn two_by_two_windows_side_by_side_are_like_any_others() {
    let values = &mut Sequence::new(2);
    for height in [2, 3, 8] {
        for width in [2, 7, 8, 9, 10, 14, 28, 31] {
            for odd in [0, 1] {
                let input = [height, width];
                let output = [height / 2, (width + odd) / 2];
                let p = Pool2d {
                    planes: 3,
                    input,
                    output,
                    kernel: [2; 2],
                    stride: [2; 2],
                    padding: [0; 2],
                    dilation: [1; 2],
                };
                let mut x = values.f32s(3 * height * width);
                check(&p, &x);
                for v in &mut x {
                    if values.below(3) == 0 {
                        *v = f32::NAN;
                    }
                }
                check(&p, &x);
            }
        }
    }
}

#[test]
fn means_are_sums_over_windows_by_their_sizes() {
    let values = &mut Sequence::new(3);
    for _ in 0..200 {
        let (planes, size) = (values.below(4), [1 + values.below(9), 1 + values.below(9)]);
        let mut spans = |extent: usize| -> Vec<Span> {
            (0..values.below(5))
                .map(|_| {
                    let start = values.below(extent);
                    Span { start, end: start + values.below(extent - start + 1), size: 1 + values.below(5) }
                })
                .collect()
        };
        let (rows, cols) = (spans(size[0]), spans(size[1]));
        let divisor = [0.0, 3.0, -2.0][values.below(3)];
        let area = size[0] * size[1];
        let (x, g) = (values.f64s(planes * area), values.f64s(planes * rows.len() * cols.len()));
        let (mut y, mut dx) = (vec![9.0; g.len()], vec![9.0; x.len()]);
        mean(planes, size, &rows, &cols, divisor, &x, &mut y);
        spread(planes, size, &rows, &cols, divisor, &g, &mut dx);
        let mut want = vec![0.0; x.len()];
        for plane in 0..planes {
            for (i, row) in rows.iter().enumerate() {
                for (j, col) in cols.iter().enumerate() {
                    let by = if divisor == 0.0 { (row.size * col.size) as f64 } else { divisor };
                    let o = (plane * rows.len() + i) * cols.len() + j;
                    let mut sum = 0.0;
                    for h in row.start..row.end {
                        for w in col.start..col.end {
                            sum += x[plane * area + h * size[1] + w];
                            want[plane * area + h * size[1] + w] += g[o] / by;
                        }
                    }
                    assert!((y[o] - sum / by).abs() < 1e-12);
                }
            }
        }
        assert!(dx.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}

#[test]
fn windows_of_sequences_are_those_of_planes_of_one_row() {
    let values = &mut Sequence::new(41);
    for round in 0..800 {
        let mut draw = |low: usize, high: usize| low + values.below(high - low);
        let (kernel, stride, dilation) = (draw(1, 5), draw(1, 5), draw(1, 4));
        let padding = draw(0, 1 + kernel / 2);
        let (sequences, input) = (draw(1, 4), draw(1, 40));
        let reach = (kernel - 1) * dilation + 1;
        if input + 2 * padding < reach {
            continue;
        }
        // One more than fits, as where sizes are rounded up.
        let output = (input + 2 * padding - reach) / stride + 1 + draw(0, 2);
        let mut x = values.f32s(sequences * input);
        if round % 3 == 0 {
            x.iter_mut().for_each(|v| *v = v.round());
        }
        if round % 4 == 0 {
            for _ in 0..3 {
                let at = values.below(x.len());
                x[at] = if at % 2 == 0 { f32::NAN } else { f32::NEG_INFINITY };
            }
        }
        let plane = Pool2d {
            planes: sequences,
            input: [1, input],
            output: [1, output],
            kernel: [1, kernel],
            stride: [1, stride],
            padding: [0, padding],
            dilation: [1, dilation],
        };
        let row = Pool1d { sequences, input, output, kernel, stride, padding, dilation };
        let n = sequences * output;
        let (mut y, mut at, mut got, mut places) = (vec![7.0; n], vec![7; n], vec![8.0; n], vec![8; n]);
        max(&plane, &x, &mut y, &mut at);
        f32::greatest_in_sequences(&row, &x, &mut got, &mut places);
        let bits = |y: &[f32]| y.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!((bits(&got), &places), (bits(&y), &at), "{row:?}");
        let wide: Vec<f64> = x.iter().map(|&v| f64::from(v)).collect();
        let mut got = vec![8.0; n];
        f64::greatest_in_sequences(&row, &wide, &mut got, &mut places);
        assert_eq!(places, at, "{row:?}");
        assert!(got.iter().zip(&y).all(|(a, b)| a.is_nan() && b.is_nan() || *a == f64::from(*b)));
    }
}
