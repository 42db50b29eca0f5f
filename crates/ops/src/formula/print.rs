//! Formulas as text, for the reference pages.

use adjoint_kernels::elementwise::Blocks;
use adjoint_kernels::program::print;

/// A line for the value of a formula and one for each gradient. `operands` are the names of its
/// operands.
pub(super) fn lines(value: &Blocks, gradients: &[Blocks], operands: &[&str]) -> Vec<String> {
    let params: Vec<String> = match value.n_params {
        1 => vec!["p".into()],
        n => (0..n).map(|i| format!("p{i}")).collect(),
    };
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    let mut lines = vec![format!("y = {}", print(&value.program(), operands, &params))];
    let mut reads = vec!["g"];
    reads.extend(operands);
    reads.push("y");
    for (name, gradient) in operands.iter().zip(gradients) {
        lines.push(format!("d{name} = {}", print(&gradient.program(), &reads, &params)));
    }
    lines
}
