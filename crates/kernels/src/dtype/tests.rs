use super::*;

#[test]
fn codes_sizes_and_names_agree_with_the_types() {
    for (code, &dtype) in DType::ALL.iter().enumerate() {
        assert_eq!(dtype as usize, code);
        assert_eq!(DType::from_code(code as u8), Some(dtype));
        let (size, name) = crate::dispatch!(dtype, T => (size_of::<T>(), T::DTYPE));
        assert_eq!((size, name), (dtype.size(), dtype));
    }
    assert_eq!(DType::from_code(10), None);
}

#[test]
fn casts_are_those_of_pytorch() {
    assert_eq!(2.9f32.cast::<i32>(), 2);
    assert_eq!((-2.9f64).cast::<i64>(), -2);
    assert_eq!(f32::NAN.cast::<Bool>(), Bool(1));
    assert_eq!((-0.0f32).cast::<Bool>(), Bool(0));
    assert_eq!(0.3f32.cast::<Bool>(), Bool(1));
    assert_eq!(Bool(1).cast::<f32>(), 1.0);
    assert_eq!((-1.0f32).cast::<u8>(), 255);
    assert_eq!(300i64.cast::<u8>(), 44);
    assert_eq!(i64::MAX.cast::<i64>(), i64::MAX);
    assert_eq!(((1i64 << 53) + 1).cast::<i32>(), 1);
    assert_eq!(16_777_217i64.cast::<f32>(), 16_777_216.0);
}

/// What PyTorch 2.15 gives on x86.
#[test]
fn floats_no_integer_can_hold_become_what_they_are_on_x86() {
    for v in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e20, -1e20] {
        assert_eq!((v.cast::<i8>(), v.cast::<u8>(), v.cast::<i16>()), (0, 0, 0), "{v}");
        assert_eq!((v.cast::<i32>(), v.cast::<i64>()), (i32::MIN, i64::MIN), "{v}");
    }
    for v in [3e9f64, -3e9] {
        assert_eq!((v.cast::<i16>(), v.cast::<i32>(), v.cast::<i64>()), (0, i32::MIN, v as i64));
    }
    assert_eq!((300f64.cast::<u8>(), 70_000f64.cast::<i8>(), 70_000f64.cast::<i16>()), (44, 112, 4464));
    assert_eq!((2_147_483_647.5f64.cast::<i32>(), (-2_147_483_648.9f64).cast::<i32>()), (i32::MAX, i32::MIN));
}

/// Every binary16 and bfloat16 survives the way to f32 and back, and lies where its neighbours say.
#[test]
fn halves_round_trip() {
    for bits in 0..=u16::MAX {
        let (half, brain) = (F16(bits), BF16(bits));
        if half.to_f32().is_nan() {
            assert!(F16::from_f32(half.to_f32()).to_f32().is_nan());
        } else {
            assert_eq!(F16::from_f32(half.to_f32()).0, bits);
        }
        if brain.to_f32().is_nan() {
            assert!(BF16::from_f32(brain.to_f32()).to_f32().is_nan());
        } else {
            assert_eq!(BF16::from_f32(brain.to_f32()).0, bits);
        }
    }
    assert_eq!(F16(0x3c00).to_f32(), 1.0);
    assert_eq!(F16(0x0001).to_f32(), 2f32.powi(-24));
    assert_eq!(F16(0x7bff).to_f32(), 65504.0);
}

/// Between two neighbours the nearer one is taken, and half-way the even one.
#[test]
fn halves_round_to_nearest_even() {
    let below = |v: f32| f32::from_bits(v.to_bits() - 1);
    let above = |v: f32| f32::from_bits(v.to_bits() + 1);
    for bits in 0..0x7bffu16 {
        let middle = (F16(bits).to_f32() + F16(bits + 1).to_f32()) / 2.0;
        assert_eq!(F16::from_f32(middle).0, bits + (bits & 1), "half-way above {bits:#x}");
        assert_eq!(F16::from_f32(below(middle)).0, bits);
        assert_eq!(F16::from_f32(above(middle)).0, bits + 1);
        assert_eq!(F16::from_f32(-above(middle)).0, (bits + 1) | 0x8000);
    }
    assert_eq!(F16::from_f32(65519.0).0, 0x7bff);
    assert_eq!(F16::from_f32(65520.0).0, 0x7c00);
    for bits in 0..0x7f7fu16 {
        let middle = f32::from_bits((u32::from(bits) << 16) | 0x8000);
        assert_eq!(BF16::from_f32(middle).0, bits + (bits & 1), "half-way above {bits:#x}");
        assert_eq!(BF16::from_f32(below(middle)).0, bits);
        assert_eq!(BF16::from_f32(above(middle)).0, bits + 1);
    }
}
