//! opgen
fn main() {}
