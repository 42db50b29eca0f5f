//! Special functions of f64 numbers, and ops made of them. The methods and their sources stand with
//! each file; no table of coefficients is used.

pub mod airy;
pub mod bessel;
pub mod by_element;
pub mod incomplete_gamma;
pub mod modified_bessel;
pub mod normal;
pub mod polynomials;

#[cfg(test)]
mod tests {
    use super::{airy, bessel, incomplete_gamma, modified_bessel, normal};

    /// Values with 40 digits, by `tools/special_references.py`.
    const REFERENCES: &str = include_str!("references.txt");

    /// The value here, and how far it may be off: relative to the reference, or to what the function swings by.
    fn computed(name: &str, x: &[f64]) -> (f64, f64) {
        // The amplitude of Bessel functions, √(2/πx), or the value near 0.
        let amplitude = |v: f64| v.abs().max((0.64 / x[0].abs()).sqrt().min(1.0));
        let relative = |v: f64, bound: f64| (v, bound * v.abs());
        match name {
            "scaled_i0" => relative(modified_bessel::scaled_i(0, x[0]), 2e-14),
            "scaled_i1" => relative(modified_bessel::scaled_i(1, x[0]), 2e-14),
            "scaled_k0" => relative(modified_bessel::scaled_k(0.0, x[0]), 2e-14),
            "scaled_k1" => relative(modified_bessel::scaled_k(1.0, x[0]), 2e-14),
            "j0" => (bessel::j0(x[0]), 1e-14 * amplitude(bessel::j0(x[0]))),
            "j1" => (bessel::j1(x[0]), 1e-14 * amplitude(bessel::j1(x[0]))),
            "y0" => (bessel::y0(x[0]), 1e-14 * amplitude(bessel::y0(x[0]))),
            "y1" => (bessel::y1(x[0]), 1e-14 * amplitude(bessel::y1(x[0]))),
            "ai" if x[0] > 1.0 => relative(airy::ai(x[0]), 2e-14),
            "ai" => (airy::ai(x[0]), 1e-10),
            "erfcx" => relative(normal::erfcx(x[0]), 1e-13),
            "log_ndtr" => relative(normal::log_ndtr(x[0]), 1e-13),
            "ndtri" => (normal::ndtri(x[0]), 2e-14 * normal::ndtri(x[0]).abs() + 1e-16),
            "lower" => relative(incomplete_gamma::lower(x[0], x[1]), 3e-13),
            "upper" => relative(incomplete_gamma::upper(x[0], x[1]), 3e-13),
            other => panic!("{other} is no function here"),
        }
    }

    #[test]
    fn values_are_those_of_high_precision() {
        let mut wrong = Vec::new();
        for line in REFERENCES.lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let numbers: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
            let (expected, x) = numbers.split_last().unwrap();
            let (value, bound) = computed(name, x);
            if (value - expected).abs() > bound {
                wrong.push(format!("{line}: got {value}, off by {:e}, allowed {bound:e}", (value - expected).abs()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
