//! Convolutions against the definition, over shapes, strides, paddings, dilations and groups.

mod sequence;

use adjoint_kernels::conv::{Conv2d, forward, input_gradient, weight_gradient};
use sequence::Sequence;

/// A convolution with as many outputs as fit into an image with as much padding behind as before; `None` where that is none.
#[expect(clippy::too_many_arguments, reason = "the parameters of a convolution")]
fn conv(
    batch: usize,
    [channels, filters, groups]: [usize; 3],
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    behind: [usize; 2],
) -> Option<Conv2d> {
    let mut output = [0; 2];
    for i in 0..2 {
        let reach = (kernel[i].max(1) - 1) * dilation[i] + 1;
        output[i] = (input[i] + padding[i] + behind[i]).checked_sub(reach)? / stride[i] + 1;
    }
    Some(Conv2d {
        batch,
        channels: channels * groups,
        filters: filters * groups,
        groups,
        input,
        kernel,
        output,
        stride,
        padding,
        dilation,
    })
}

/// Calls `f(x, w, y)` with the places of each product of the definition.
fn products(c: &Conv2d, mut f: impl FnMut(usize, usize, usize)) {
    let (cg, fg) = (c.channels / c.groups, c.filters / c.groups);
    for n in 0..c.batch {
        for filter in 0..c.filters {
            for ch in 0..cg {
                for at in 0..c.output[0] * c.output[1] * c.kernel[0] * c.kernel[1] {
                    let (q, at) = (at % c.kernel[1], at / c.kernel[1]);
                    let (p, at) = (at % c.kernel[0], at / c.kernel[0]);
                    let (j, i) = (at % c.output[1], at / c.output[1]);
                    let h = (i * c.stride[0] + p * c.dilation[0]).checked_sub(c.padding[0]);
                    let v = (j * c.stride[1] + q * c.dilation[1]).checked_sub(c.padding[1]);
                    let (Some(h), Some(v)) = (h, v) else { continue };
                    if h < c.input[0] && v < c.input[1] {
                        f(
                            ((n * c.channels + filter / fg * cg + ch) * c.input[0] + h) * c.input[1] + v,
                            ((filter * cg + ch) * c.kernel[0] + p) * c.kernel[1] + q,
                            ((n * c.filters + filter) * c.output[0] + i) * c.output[1] + j,
                        );
                    }
                }
            }
        }
    }
}

fn lens(c: &Conv2d) -> [usize; 3] {
    [
        c.batch * c.channels * c.input[0] * c.input[1],
        c.filters * c.channels / c.groups * c.kernel[0] * c.kernel[1],
        c.batch * c.filters * c.output[0] * c.output[1],
    ]
}

/// Compares one result with `Σ` and its bound `(terms + 1)·ε·Σ|·|`.
fn close(what: &str, c: &Conv2d, got: &[f64], want: &[f64], size: &[f64], terms: &[f64], epsilon: f64) {
    for i in 0..want.len() {
        let room = (terms[i] + 1.0) * epsilon * size[i];
        assert!((got[i] - want[i]).abs() <= room, "{what} of {c:?} at {i}: {} is not {} ± {room}", got[i], want[i]);
    }
}

/// Checks the output and both gradients in both float types.
fn check(c: &Conv2d, values: &mut Sequence) {
    let [nx, nw, ny] = lens(c);
    // Values that are exact in f32, so that one reference serves both.
    let mut wide = |n: usize| values.f32s(n).into_iter().map(f64::from).collect::<Vec<_>>();
    let (x, w, g, bias) = (wide(nx), wide(nw), wide(ny), wide(c.filters));
    let (mut y, mut dx, mut dw) = (vec![[0.0; 3]; ny], vec![[0.0; 3]; nx], vec![[0.0; 3]; nw]);
    let add = |to: &mut [f64; 3], v: f64| {
        *to = [to[0] + v, to[1] + v.abs(), to[2] + 1.0];
    };
    let area = c.output[0] * c.output[1];
    for (i, y) in y.iter_mut().enumerate() {
        add(y, bias[i / area % c.filters]);
    }
    products(c, |i, j, k| {
        add(&mut y[k], x[i] * w[j]);
        add(&mut dx[i], g[k] * w[j]);
        add(&mut dw[j], g[k] * x[i]);
    });
    let part = |v: &[[f64; 3]], i: usize| v.iter().map(|v| v[i]).collect::<Vec<_>>();
    let compare = |what: &str, got: &[f64], want: &[[f64; 3]], epsilon: f64| {
        close(what, c, got, &part(want, 0), &part(want, 1), &part(want, 2), epsilon);
    };
    let (mut oy, mut ox, mut ow) = (vec![f64::NAN; ny], vec![f64::NAN; nx], vec![f64::NAN; nw]);
    forward(c, &x, &w, Some(&bias), &mut oy);
    input_gradient(c, &g, &w, &mut ox);
    weight_gradient(c, &g, &x, &mut ow);
    compare("output", &oy, &y, f64::EPSILON);
    compare("gradient of the input", &ox, &dx, f64::EPSILON);
    compare("gradient of the weight", &ow, &dw, f64::EPSILON);

    let narrow = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<_>>();
    let widen = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let (x, w, g, bias) = (narrow(&x), narrow(&w), narrow(&g), narrow(&bias));
    let (mut oy, mut ox, mut ow) = (vec![f32::NAN; ny], vec![f32::NAN; nx], vec![f32::NAN; nw]);
    forward(c, &x, &w, Some(&bias), &mut oy);
    input_gradient(c, &g, &w, &mut ox);
    weight_gradient(c, &g, &x, &mut ow);
    compare("f32 output", &widen(&oy), &y, f64::from(f32::EPSILON));
    compare("f32 gradient of the input", &widen(&ox), &dx, f64::from(f32::EPSILON));
    compare("f32 gradient of the weight", &widen(&ow), &dw, f64::from(f32::EPSILON));
}

#[test]
fn every_width_stride_padding_and_dilation_gives_the_sums() {
    let values = &mut Sequence::new(1);
    let mut tried = 0;
    for width in [1, 2, 3, 4, 5, 7, 8, 9, 13] {
        for kernel in [1, 2, 3, 5] {
            for stride in [1, 2, 3, 5] {
                for padding in [0, 1, 2, 4] {
                    for dilation in [1, 2, 3] {
                        let (by, of) = ([1, stride], [0, padding]);
                        let wide = conv(2, [2, 3, 1], [3, width], [2, kernel], by, of, [1, dilation], [0, padding]);
                        let tall = conv(
                            1,
                            [3, 1, 1],
                            [width, 5],
                            [kernel, 2],
                            [stride, 1],
                            [padding, 1],
                            [dilation, 2],
                            [padding, 0],
                        );
                        for c in [wide, tall].into_iter().flatten() {
                            check(&c, values);
                            tried += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn random_convolutions_give_the_sums() {
    let values = &mut Sequence::new(2);
    let mut tried = 0;
    while tried < 400 {
        let mut pair = |low: usize, high: usize| [low + values.below(high - low), low + values.below(high - low)];
        let (input, kernel, stride, padding) = (pair(1, 14), pair(1, 6), pair(1, 4), pair(0, 5));
        let (dilation, behind) = (pair(1, 4), pair(0, 5));
        let extents = [1 + values.below(6), 1 + values.below(10), 1 + values.below(3)];
        let batch = values.below(4);
        if let Some(c) = conv(batch, extents, input, kernel, stride, padding, dilation, behind) {
            check(&c, values);
            tried += 1;
        }
    }
}

#[test]
fn sums_of_many_terms_and_depthwise_filters_give_the_sums() {
    let values = &mut Sequence::new(3);
    for (extents, input, kernel, stride, padding) in [
        ([40, 9, 1], [6, 9], [3, 3], [1, 1], [1, 1]),
        ([131, 5, 1], [5, 5], [3, 1], [2, 2], [1, 0]),
        ([600, 3, 1], [2, 3], [1, 1], [1, 1], [0, 0]),
        ([1, 70, 2], [9, 11], [5, 5], [1, 1], [2, 2]),
        ([1, 1, 7], [12, 37], [3, 3], [1, 1], [1, 1]),
        ([1, 1, 5], [11, 19], [5, 3], [2, 2], [2, 1]),
        ([1, 2, 3], [7, 7], [7, 7], [1, 1], [3, 3]),
        ([6, 16, 1], [14, 14], [5, 5], [1, 1], [0, 0]),
        ([1, 6, 1], [28, 28], [5, 5], [1, 1], [2, 2]),
        ([3, 4, 1], [64, 70], [3, 3], [1, 1], [1, 1]),
        ([2, 3, 1], [40, 5], [40, 5], [1, 1], [0, 0]),
        ([260, 1, 1], [1, 5], [1, 3], [1, 1], [0, 1]),
    ] {
        check(&conv(3, extents, input, kernel, stride, padding, [1, 1], padding).unwrap(), values);
    }
}

#[test]
fn nothing_is_no_trouble() {
    let values = &mut Sequence::new(4);
    let c =
        |batch, extents, input, kernel| conv(batch, extents, input, kernel, [1, 1], [1, 1], [1, 1], [1, 1]).unwrap();
    check(&c(0, [2, 3, 1], [4, 4], [3, 3]), values);
    check(&c(2, [0, 3, 1], [4, 4], [3, 3]), values);
    check(&c(2, [2, 0, 2], [4, 4], [3, 3]), values);
    check(&c(2, [2, 3, 1], [0, 4], [2, 3]), values);
    check(&c(2, [2, 3, 1], [3, 0], [3, 2]), values);
    check(&Conv2d { output: [0, 4], ..c(2, [2, 3, 1], [3, 4], [3, 3]) }, values);
}

#[test]
fn a_nan_reaches_the_sums_that_hold_it_and_no_others() {
    for (input, kernel, stride, padding) in
        [([6, 9], [3, 3], [1, 1], [1, 1]), ([5, 3], [2, 3], [1, 2], [0, 1]), ([4, 11], [3, 2], [2, 3], [1, 0])]
    {
        let c = conv(2, [2, 3, 1], input, kernel, stride, padding, [1, 1], padding).unwrap();
        let [nx, nw, ny] = lens(&c);
        for at in 0..nx {
            let mut x = vec![1.0_f32; nx];
            x[at] = f32::NAN;
            let (mut y, mut dw) = (vec![0.0; ny], vec![0.0; nw]);
            forward(&c, &x, &vec![1.0; nw], None, &mut y);
            weight_gradient(&c, &vec![1.0; ny], &x, &mut dw);
            let (mut in_y, mut in_dw) = (vec![false; ny], vec![false; nw]);
            products(&c, |i, j, k| {
                in_y[k] |= i == at;
                in_dw[j] |= i == at;
            });
            assert_eq!(y.iter().map(|v| v.is_nan()).collect::<Vec<_>>(), in_y, "output, {c:?}, pixel {at}");
            assert_eq!(
                dw.iter().map(|v| v.is_nan()).collect::<Vec<_>>(),
                in_dw,
                "gradient of the weight, {c:?}, pixel {at}"
            );
        }
        for at in 0..ny {
            let mut g = vec![1.0_f32; ny];
            g[at] = f32::NAN;
            let mut dx = vec![0.0; nx];
            input_gradient(&c, &g, &vec![1.0; nw], &mut dx);
            let mut in_dx = vec![false; nx];
            products(&c, |i, _, k| in_dx[i] |= k == at);
            assert_eq!(
                dx.iter().map(|v| v.is_nan()).collect::<Vec<_>>(),
                in_dx,
                "gradient of the input, {c:?}, pixel {at}"
            );
        }
    }
}

#[test]
fn extents_whose_copies_would_not_fit_are_told_apart() {
    let usual = conv(2, [3, 4, 1], [64, 64], [5, 5], [1, 1], [2, 2], [1, 1], [2, 2]).unwrap();
    assert!(usual.fits());
    // Little padding, or much of it with steps as large: small whatever the padding.
    let wide = conv(1, [1, 1, 1], [1, 4], [1, 2], [1, 1 << 27], [0, 1 << 27], [1, 1 << 27], [0, 1 << 27]).unwrap();
    assert!(wide.fits());
    check(&wide, &mut Sequence::new(5));
    let huge = conv(1, [64, 1, 1], [64, 4], [1, 1 << 14], [1, 1 << 14], [0, 1 << 27], [1, 1], [0, 1 << 27]).unwrap();
    assert!(!huge.fits());
}

#[test]
#[should_panic(expected = "elements of x, w, y")]
fn slices_that_do_not_fit_the_extents_are_refused() {
    let c = conv(1, [1, 1, 1], [3, 3], [2, 2], [1, 1], [0, 0], [1, 1], [0, 0]).unwrap();
    forward(&c, &[0.0_f32; 9], &[0.0; 4], None, &mut [0.0; 5]);
}
