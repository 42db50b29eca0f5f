//! The numbers PyTorch 2.15 gives for seed 42. Uniform numbers are exact; normal ones pass through `log`, `cos` and
//! `sqrt`, which may differ in the last bits.

use adjoint_autograd::{Attrs, Tensor};
use adjoint_ops::create::{arange, full, zeros};
use adjoint_ops::invoke;
use adjoint_ops::random::{bernoulli, exponential, multinomial, normal, rand, randint, randn, randperm, uniform};
use adjoint_tensor::{Array, DType, rng};

fn close(t: &Tensor, want: &[f64], tolerance: f64) {
    let got = t.array().to_vec_f64().unwrap();
    assert_eq!(got.len(), want.len());
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs(), "element {i} is {a}, PyTorch gives {b}");
    }
}

fn seeded() {
    adjoint_ops::install();
    rng::manual_seed(42);
}

fn filled(n: usize, fill: impl Fn(&Tensor)) -> Tensor {
    seeded();
    let x = zeros::zeros(&[n], DType::Float32).unwrap();
    fill(&x);
    x
}

#[test]
fn uniform_numbers_are_exact_in_both_dtypes() {
    seeded();
    let x = rand::rand(&[5], DType::Float32).unwrap();
    close(
        &x,
        &[0.8822692632675171, 0.9150039553642273, 0.38286375999450684, 0.9593056440353394, 0.3904482126235962],
        0.0,
    );
    seeded();
    let x = rand::rand(&[3], DType::Float64).unwrap();
    close(&x, &[0.05815448596142969, 0.06291016742457756, 0.12358607277440903], 0.0);
    let x = filled(6, |x| uniform::uniform_(x, -2.0, 3.0).unwrap());
    let want = [
        2.411346435546875,
        2.5750198364257812,
        -0.08568120002746582,
        2.7965283393859863,
        -0.04775893688201904,
        1.00447678565979,
    ];
    close(&x, &want, 0.0);
}

#[test]
fn few_and_many_normal_numbers_are_made_differently() {
    seeded();
    let x = randn::randn(&[5], DType::Float32).unwrap();
    close(
        &x,
        &[0.33669036626815796, 0.12880940735340118, 0.23446236550807953, 0.23033303022384644, -1.1228563785552979],
        1e-6,
    );
    seeded();
    // Not a multiple of 16: the last 16 are drawn anew.
    let x = randn::randn(&[17], DType::Float32).unwrap();
    let want = [
        1.9269152879714966,
        -0.1595974713563919,
        -0.4973975419998169,
        0.439589262008667,
        -0.7581311464309692,
        1.078317642211914,
        0.8008005619049072,
        1.680620551109314,
        0.3558599054813385,
        1.2964228391647339,
        0.610466480255127,
        1.334737777709961,
        -0.2316243201494217,
        0.041759490966796875,
        -0.2515752911567688,
        0.859858512878418,
        -0.3097267746925354,
    ];
    close(&x, &want, 2e-6);
    seeded();
    let x = randn::randn(&[16], DType::Float64).unwrap();
    let x = Tensor::from_array(x.array().with_layout(x.array().layout().slice(0, 0, 4, 1)).unwrap());
    close(&x, &[0.2995562877502637, 0.24237779080894106, 0.28320739441795323, -0.23294220898382634], 1e-12);
}

#[test]
fn integers_permutations_and_other_distributions_follow_the_seed() {
    seeded();
    let x = randint::randint(-5, 5, &[10], DType::Int64).unwrap();
    assert_eq!(x.array().to_vec_i64().unwrap(), [-3, 2, 1, -1, 1, 0, -5, -1, -5, -2]);
    seeded();
    let x = randint::randint(0, 1 << 40, &[2], DType::Int64).unwrap();
    assert_eq!(x.array().to_vec_i64().unwrap(), [441_507_790_259, 395_924_837_646]);
    seeded();
    assert_eq!(randperm::randperm(10).unwrap().array().to_vec_i64().unwrap(), [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]);
    let x = filled(6, |x| exponential::exponential_(x, 2.0).unwrap());
    let want = [
        0.029957007616758347,
        0.03248806297779083,
        0.06595838814973831,
        0.027006475254893303,
        0.37345534563064575,
        0.3238811790943146,
    ];
    close(&x, &want, 1e-6);
    let x = filled(20, |x| normal::normal_(x, 1.0, 0.5).unwrap());
    let first = Tensor::from_array(x.array().with_layout(x.array().layout().slice(0, 0, 3, 1)).unwrap());
    close(&first, &[1.9634575843811035, 1.7436420917510986, 1.4503586292266846], 1e-6);
    let x = filled(20, |x| bernoulli::bernoulli_(x, 0.3).unwrap());
    let want = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(x.array().to_vec_i64().unwrap(), want);
    seeded();
    let x = bernoulli::bernoulli(&full::full(&[20], 0.3, DType::Float32).unwrap()).unwrap();
    let want = [0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    assert_eq!(x.array().to_vec_i64().unwrap(), want);
    seeded();
    let weights = Tensor::from_array(Array::from_slice(&[0.1f32, 0.2, 0.7], &[3]).unwrap());
    let x = multinomial::multinomial(&weights, 8, true).unwrap();
    assert_eq!(x.array().to_vec_i64().unwrap(), [0, 0, 1, 0, 2, 2, 2, 2]);
}

#[test]
fn normal_takes_a_tensor_of_means() {
    seeded();
    let mean = arange::arange(4, DType::Float32).unwrap();
    let std = invoke::number(0.5).unwrap();
    let x = invoke::with(normal::DEFS[0], &[Some(&mean), Some(&std)], Attrs::new()).unwrap();
    close(&x, &[0.16834518313407898, 1.0644047260284424, 2.1172311305999756, 3.115166425704956], 1e-6);
}

#[test]
fn one_stream_serves_all_kinds_in_turn() {
    seeded();
    let f = DType::Float32;
    close(&rand::rand(&[3], f).unwrap(), &[0.8822692632675171, 0.9150039553642273, 0.38286375999450684], 0.0);
    close(&randn::randn(&[3], f).unwrap(), &[-0.829319179058075, -1.6137069463729858, -0.21470452845096588], 1e-6);
    // The second number of a pair was kept from the call before.
    close(&randn::randn(&[1], f).unwrap(), &[0.29893550276756287], 1e-6);
    let x = randint::randint(0, 10, &[3], DType::Int64).unwrap();
    assert_eq!(x.array().to_vec_i64().unwrap(), [4, 0, 4]);
    randn::randn(&[16], f).unwrap();
    assert_eq!(randperm::randperm(5).unwrap().array().to_vec_i64().unwrap(), [2, 1, 3, 4, 0]);
    close(&rand::rand(&[2], DType::Float64).unwrap(), &[0.7011818919498007, 0.6234030833542006], 0.0);
    close(&randn::randn(&[2], f).unwrap(), &[-0.3639322817325592, 0.15133808553218842], 1e-6);
    let x = zeros::zeros(&[4], f).unwrap();
    bernoulli::bernoulli_(&x, 0.5).unwrap();
    assert_eq!(x.array().to_vec_i64().unwrap(), [0, 1, 1, 1]);
    close(&rand::rand(&[1], f).unwrap(), &[0.005045771598815918], 0.0);
}
