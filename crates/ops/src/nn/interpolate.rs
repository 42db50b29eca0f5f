//! Images, sequences and volumes of another size.

use crate::pool::{adaptive_avg_pool2d, adaptive_avg_pool3d};
use crate::shared::nn::resample::{Corners, Mode, resample};
use crate::shared::view::samples::{call, fails, ints};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, ErrorSample, Half, Kind, OpDef, Sample, Tensor, required};
use adjoint_tensor::{Code, Dims, Error, Result, scratch};
use smallvec::smallvec;

const MODES: &[&str] = &["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"];

/// The modes' places among the words.
const NEAREST: u8 = 0;
const BICUBIC: u8 = 4;
const AREA: u8 = 6;

/// Sizes of the result, and the factors that they come from where those were given.
struct Size {
    sizes: Dims,
    scales: Option<Vec<f64>>,
}

impl Size {
    fn of(x: &Tensor, size: &Attr, scale: &Attr, recompute: bool) -> Result<Self> {
        let given = &x.shape()[2..];
        let dims = given.len();
        let fits = |n: usize, name: &str| {
            if n == 1 || n == dims {
                return Ok(());
            }
            Err(Error::usage(format!(
                "expected {name} to be one number or a list of {dims}, one a spatial dim of an input of shape {:?}, got {n}",
                x.shape()
            )))
        };
        let (sizes, scales) = match (size, scale) {
            (Attr::Ints(size), Attr::None) => {
                if recompute {
                    return Err(Error::usage("recomputeScaleFactor is not meaningful with a size; leave it out"));
                }
                fits(size.len(), "size")?;
                let sizes = (0..dims).map(|i| size[i.min(size.len() - 1)]);
                (sizes.map(|n| usize::try_from(n).unwrap_or(0)).collect::<Dims>(), None)
            }
            (Attr::None, Attr::Floats(scale)) => {
                fits(scale.len(), "scaleFactor")?;
                let each = scratch::collected((0..dims).map(|i| scale[i.min(scale.len() - 1)]))?;
                let sizes = given.iter().zip(&each).map(|(&n, &scale)| (n as f64 * scale) as usize).collect();
                (sizes, (!recompute).then_some(each))
            }
            (Attr::None, _) => return Err(Error::usage("expected size or scaleFactor, got neither")),
            _ => return Err(Error::usage("expected one of size and scaleFactor, got both")),
        };
        if x.shape()[1..].contains(&0) || sizes.iter().any(|&n| n == 0 || n > 1 << 28) {
            return Err(Error::shape(format!(
                "expected an input of which only the batch is empty, and sizes of 1 to 2²⁸, got {:?} and {:?}",
                x.shape(),
                sizes.as_slice()
            )));
        }
        Ok(Self { sizes, scales })
    }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    let mode = attrs.get_choice(2);
    let (rank, word) = (x.rank(), MODES[usize::from(mode)]);
    let suits = match word {
        "linear" => rank == 3,
        "bilinear" | "bicubic" => rank == 4,
        "trilinear" => rank == 5,
        _ => (3..=5).contains(&rank),
    };
    if !suits {
        return Err(Error::shape(format!(
            "expected an input of 3 dims for mode linear, 4 for bilinear and bicubic, 5 for trilinear, 3 to 5 for others, \
             got {:?} with mode {word}",
            x.shape()
        )));
    }
    let interpolates = (2..AREA).contains(&mode);
    if !interpolates && !matches!(attrs.get(3), Attr::None) {
        return Err(Error::usage(format!(
            "alignCorners is for modes linear, bilinear, bicubic and trilinear, got it with mode {word}; leave it out"
        )));
    }
    let antialiased = attrs.get_bool(5);
    if antialiased && !matches!(word, "bilinear" | "bicubic") {
        return Err(Error::usage(format!("antialias is for modes bilinear and bicubic, got it with mode {word}")));
    }
    if mode != NEAREST && !x.dtype().is_float() {
        let dtype = x.dtype().name();
        return Err(Error::dtype(format!("expected a floating-point tensor, got {dtype}; cast with to('float32')")));
    }
    let given = attrs.get_bool(4);
    let recompute = given || (mode == AREA && matches!(attrs.get(0), Attr::None));
    let Size { sizes, scales } = Size::of(x, attrs.get(0), attrs.get(1), recompute)?;
    if mode == AREA {
        let (inputs, size) = ([Some(x)], Attrs::new().shape(&sizes));
        return match rank {
            5 => adaptive_avg_pool3d::body(&inputs, &size),
            _ => adaptive_avg_pool2d::body(&inputs, &size, rank - 2),
        };
    }
    let how = match mode {
        NEAREST => Mode::Nearest,
        BICUBIC => Mode::Cubic,
        _ if interpolates => Mode::Linear,
        _ => Mode::NearestExact,
    };
    let corners = Corners { aligned: attrs.get_bool(3), antialiased };
    Ok(smallvec![resample(x, &sizes, scales.as_deref(), how, corners)?])
}

fn floats(v: &[f64]) -> Attr {
    Attr::Floats(v.into())
}

fn samples() -> Vec<Sample> {
    let rest = |mode, align, recompute, antialias| [Attr::Choice(mode), align, recompute, Attr::Bool(antialias)];
    let sized = |label, shape: &[usize], size: &[i64], mode, align: Attr, antialias| {
        let [a, b, c, d] = rest(mode, align, Attr::None, antialias);
        call(label, shape, [ints(size), Attr::None, a, b, c, d])
    };
    let scaled = |label, shape: &[usize], scale: &[f64], mode, recompute| {
        let [a, b, c, d] = rest(mode, Attr::None, Attr::Bool(recompute), false);
        call(label, shape, [Attr::None, floats(scale), a, b, c, d])
    };
    let aligned = || Attr::Bool(true);
    vec![
        sized("nearest", &[1, 2, 3], &[5], 0, Attr::None, false),
        scaled("nearest by a factor", &[1, 1, 2, 3], &[1.7], 0, false),
        sized("nearest in volumes", &[1, 1, 2, 3, 2], &[3, 2, 3], 0, Attr::None, false),
        sized("nearest-exact", &[1, 1, 4, 3], &[2, 5], 1, Attr::None, false),
        sized("linear", &[1, 2, 3], &[5], 2, Attr::None, false),
        scaled("linear by a factor", &[1, 1, 4], &[1.7], 2, true),
        sized("bilinear", &[1, 2, 3, 2], &[2, 5], 3, Attr::None, false),
        sized("bilinear with corners aligned", &[1, 1, 3, 3], &[2, 5], 3, aligned(), false),
        sized("bilinear, antialiased", &[1, 1, 5, 4], &[2, 2], 3, Attr::None, true),
        sized("bicubic", &[1, 1, 4, 3], &[3, 5], 4, Attr::None, false),
        sized("bicubic with corners aligned", &[1, 1, 4, 3], &[5, 2], 4, aligned(), false),
        sized("bicubic, antialiased", &[1, 1, 6, 4], &[2, 3], 4, Attr::None, true),
        sized("trilinear", &[1, 1, 2, 2, 3], &[3, 3, 2], 5, Attr::None, false),
        sized("area", &[1, 1, 4, 5], &[2, 3], 6, Attr::None, false),
        scaled("area of volumes by factors", &[1, 1, 2, 3, 4], &[1.5, 0.7, 0.5], 6, false),
    ]
}

fn errors() -> Vec<ErrorSample> {
    let e = |label, shape: &[usize], size: Attr, scale: Attr, mode, align: Attr, code, message| {
        let attrs = [size, scale, Attr::Choice(mode), align, Attr::None, Attr::Bool(false)];
        fails(call(label, shape, attrs), code, message)
    };
    let images: &[usize] = &[1, 1, 2, 2];
    vec![
        e("no size", images, Attr::None, Attr::None, 3, Attr::None, Code::Usage, "got neither"),
        e("size and factor", images, ints(&[3]), floats(&[2.0]), 3, Attr::None, Code::Usage, "got both"),
        e(
            "corners of nearest",
            images,
            ints(&[3]),
            Attr::None,
            0,
            Attr::Bool(true),
            Code::Usage,
            "alignCorners is for",
        ),
        e("linear images", images, ints(&[3]), Attr::None, 2, Attr::None, Code::Shape, "3 dims for mode linear"),
        e("three sizes", images, ints(&[3, 3, 3]), Attr::None, 0, Attr::None, Code::Usage, "a list of 2"),
        e("a size of 0", images, ints(&[0]), Attr::None, 0, Attr::None, Code::Shape, "sizes of 1"),
    ]
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "interpolate",
    doc: "Returns sequences, images or volumes of another size.\n\n\
          **Shapes**: `input` `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`, result the same with `size` in place of the last dims, one number or \
          one each, or with those dims times `scaleFactor`, rounded down.\n\n\
          `mode` is \"nearest\" (the element before the place, as PyTorch always had it), \"nearest-exact\" (the nearest one), \"linear\", \
          \"bilinear\" and \"trilinear\" (lines along each axis), \"bicubic\" (cubics with a = −0.75) or \"area\" (`adaptiveAvgPool2d`). For lines \
          and cubics `alignCorners` keeps the centers of the elements in the corners where they are, instead of the edges; `antialias`, for \
          images, widens the window where the result is smaller. A `scaleFactor` is the ratio of coordinates, unless \
          `recomputeScaleFactor` says that the sizes are. Floating-point tensors; \"nearest\" takes any dtype.\n\n\
          Each axis is one pass of weighted sums. Coordinates are in the dtype of the elements, as PyTorch's. \
          Source: PyTorch, `torch.nn.functional.interpolate`; Keys 1981 for the cubic.",
    args: &[
        Arg::tensor("input"),
        Arg::optional("size", Kind::Ints, Default::None),
        Arg::optional("scale_factor", Kind::Floats, Default::None),
        Arg::optional("mode", Kind::Choice(MODES), Default::Word("nearest")),
        Arg::optional("align_corners", Kind::Bool, Default::None),
        Arg::optional("recompute_scale_factor", Kind::Bool, Default::None),
        Arg::optional("antialias", Kind::Bool, Default::Bool(false)),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    half: Half::Once,
    samples,
    errors,
    ..OpDef::COMPOSITE
}
.shipped();

/// `interpolate` with a size or factors as they were given, a mode by its word and `alignCorners`
/// where it applies.
pub(super) fn interpolate(x: &Tensor, size: &Attr, scale: &Attr, word: &str, align: Attr) -> Result<Tensor> {
    let mode = MODES.iter().position(|&mode| mode == word).unwrap_or(0) as u8;
    let attrs = Attrs::new().with(size.clone()).with(scale.clone()).with(Attr::Choice(mode)).with(align);
    crate::invoke::with(&DEF, &[Some(x)], attrs.none().bool(false))
}
