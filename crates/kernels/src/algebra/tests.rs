use super::{Bits, F32s, Int, Ring};
use crate::dtype::Bool;

#[test]
fn integers_wrap_and_divide_like_python_and_c() {
    let i = |v: i8| Int(v);
    assert_eq!((i(100) + i(100)).0, -56);
    assert_eq!((i(-128) - i(1)).0, 127);
    assert_eq!((i(100) * i(3)).0, 44);
    assert_eq!((-i(-128)).0, -128);
    assert_eq!(i(-128).abs().0, -128);
    for (x, y, trunc, floor, fmod, remainder) in [
        (7, 2, 3, 3, 1, 1),
        (-7, 2, -3, -4, -1, 1),
        (7, -2, -3, -4, 1, -1),
        (-7, -2, 3, 3, -1, -1),
        (6, -3, -2, -2, 0, 0),
        (5, 0, 0, 0, 0, 0),
    ] {
        let (x, y) = (i(x), i(y));
        let got = [x.div_trunc(y), x.div_floor(y), x.fmod(y), x.remainder(y)];
        assert_eq!(got.map(|v| v.0), [trunc, floor, fmod, remainder], "{x:?} by {y:?}");
    }
    assert_eq!(Int(i64::MIN).div_trunc(Int(-1)).0, i64::MIN);
    assert_eq!(Int(200u8).div_floor(Int(7)).0, 28);
}

#[test]
fn integer_powers_wrap_and_negative_ones_vanish() {
    let pow = |x: i64, e: i64| Int(x).pow(Int(e)).0;
    assert_eq!([pow(3, 4), pow(-2, 3), pow(0, 0), pow(5, 0), pow(2, 63), pow(2, 64)], [81, -8, 1, 1, i64::MIN, 0]);
    assert_eq!([pow(1, -5), pow(-1, -5), pow(-1, -4), pow(2, -1), pow(0, -1)], [1, -1, 1, 0, 0]);
    assert_eq!(Int(3u8).pow(Int(6)).0, (729 % 256) as u8);
}

#[test]
fn shifts_past_the_width_shift_everything_out() {
    assert_eq!([Int(1i8).shl(Int(3)).0, Int(1i8).shl(Int(8)).0, Int(1i8).shl(Int(-1)).0], [8, 0, 0]);
    assert_eq!(
        [Int(-8i8).shr(Int(1)).0, Int(-8i8).shr(Int(9)).0, Int(-8i8).shr(Int(-1)).0, Int(8i8).shr(Int(9)).0],
        [-4, -1, -1, 0]
    );
    assert_eq!([Int(200u8).shr(Int(1)).0, Int(200u8).shr(Int(8)).0], [100, 0]);
}

#[test]
fn booleans_add_by_or_and_multiply_by_and() {
    let (no, yes) = (Bool(0), Bool(1));
    assert_eq!([yes + yes, yes + no, no + no], [yes, yes, no]);
    assert_eq!([yes * yes, yes * no], [yes, no]);
    assert_eq!([!yes, !no, yes ^ yes], [no, yes, no]);
    assert_eq!([yes.pow(no), no.pow(no), no.pow(yes), yes.pow(yes)], [yes, yes, no, yes]);
    assert_eq!(Bool::c(7.0), yes);
}

#[test]
fn float_lanes_propagate_nan_through_maximum_and_minimum() {
    let one = |v: f32| F32s::<1>::splat(v);
    let lane = |v: F32s<1>| v.to_array()[0][0];
    for (x, y) in [(f32::NAN, 1.0), (1.0, f32::NAN)] {
        assert!(lane(one(x).max(one(y))).is_nan() && lane(one(x).min(one(y))).is_nan());
        assert!(!one(x).lt(one(y)).any() && one(x).ne(one(y)).any());
    }
    assert_eq!([lane(one(2.0).max(one(3.0))), lane(one(2.0).min(one(3.0)))], [3.0, 2.0]);
    assert_eq!(lane(F32s::select(one(1.0).gt(one(0.0)), one(5.0), one(f32::NAN))), 5.0);
}
