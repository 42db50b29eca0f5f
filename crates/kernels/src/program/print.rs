//! A recorded formula as text, for the reference pages.
//!
//! Operators and signs are written as in mathematics, everything else as a call of its name in the
//! table.

use super::{Code, Program};

/// How tightly the outermost operator of a text binds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Or,
    And,
    Compare,
    Sum,
    Product,
    Atom,
}

/// What a step computes, as text.
struct Text {
    text: String,
    binds: Binds,
}

impl Text {
    fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), binds: Binds::Atom }
    }

    /// The text, in parentheses where it binds less.
    fn at_least(&self, binds: Binds) -> String {
        if self.binds >= binds { self.text.clone() } else { format!("({})", self.text) }
    }
}

/// The formula, with names for its operands and its parameters; both must be as many as it has.
pub fn print(program: &Program, inputs: &[&str], params: &[&str]) -> String {
    let mut texts: Vec<Text> = Vec::new();
    for step in program.steps() {
        let at = usize::from(step.operands[0]);
        let text = match step.code {
            _ if step.last_use == 0 => Text::atom(""),
            Code::Input => Text::atom(inputs[at]),
            Code::Param => Text::atom(params[at]),
            Code::Constant => constant(program.constants()[at]),
            code => computed(code, step.operands.map(|i| &texts[usize::from(i)])),
        };
        texts.push(text);
    }
    texts.pop().map_or_else(String::new, |result| result.text)
}

fn constant(v: f64) -> Text {
    let binds = if v < 0.0 { Binds::Product } else { Binds::Atom };
    Text { text: v.to_string().replace('-', "−"), binds }
}

fn computed(code: Code, [a, b, c]: [&Text; 3]) -> Text {
    use Binds::{And, Atom, Compare, Or, Product, Sum};
    let infix = |sign: &str, left: Binds, right: Binds, binds: Binds| Text {
        text: format!("{} {sign} {}", a.at_least(left), b.at_least(right)),
        binds,
    };
    let prefix = |sign: &str, binds: Binds| Text { text: format!("{sign}{}", a.at_least(Atom)), binds };
    match code {
        Code::Add => infix("+", Sum, Sum, Sum),
        Code::Sub => infix("−", Sum, Product, Sum),
        Code::Mul => infix("·", Product, Product, Product),
        Code::Div => infix("/", Product, Atom, Product),
        Code::Lt => infix("<", Sum, Sum, Compare),
        Code::Le => infix("≤", Sum, Sum, Compare),
        Code::Eq => infix("=", Sum, Sum, Compare),
        Code::Both => infix("and", And, And, And),
        Code::Either => infix("or", Or, Or, Or),
        Code::Neg => prefix("−", Product),
        Code::Recip => prefix("1 / ", Product),
        Code::Negate => prefix("not ", And),
        Code::IsNan => Text { text: format!("{} is NaN", a.at_least(Sum)), binds: Compare },
        Code::Abs => Text::atom(format!("|{}|", a.text)),
        Code::Pow => Text::atom(format!("{}^{}", a.at_least(Atom), b.at_least(Atom))),
        Code::DivTrunc => Text::atom(format!("trunc({})", infix("/", Product, Atom, Product).text)),
        Code::DivFloor => Text::atom(format!("floor({})", infix("/", Product, Atom, Product).text)),
        Code::MulAdd => {
            let product = infix("·", Product, Product, Product);
            Text { text: format!("{} + {}", product.text, c.at_least(Sum)), binds: Sum }
        }
        // A choice between equals is none.
        Code::Select if b.text == c.text => Text { text: b.text.clone(), binds: b.binds },
        Code::Select => Text::atom(format!("({} if {}, else {})", b.at_least(Sum), a.at_least(Or), c.at_least(Sum))),
        code => {
            let operands = [a, b, c].map(|operand| operand.text.as_str());
            Text::atom(format!("{}({})", code.name(), operands[..code.operands()].join(", ")))
        }
    }
}
