//! Ops by public name: overloads are one thing to a caller.

use adjoint_autograd::{Alias, Api, OpDef};
pub use adjoint_ops::naming::has_in_place_form;
use adjoint_ops::naming::{camel_case, makes_leaves};

/// The overloads of a public name.
pub struct Group<'a> {
    /// The id of the first.
    pub id: usize,
    /// The public name.
    pub name: String,
    /// The overloads, in the order they are tried.
    pub ops: &'a [&'static OpDef],
}

impl Group<'_> {
    /// Whether callers see it: names with a leading underscore are for other ops.
    pub fn is_public(&self) -> bool {
        !self.name.starts_with('_')
    }

    /// Whether an overload is shown in this part of the API.
    pub fn is_at(&self, surface: Api) -> bool {
        self.is_public() && self.ops.iter().any(|op| op.surface.contains(&surface))
    }

    /// Whether it is a method of tensors.
    pub fn is_method(&self) -> bool {
        self.is_at(Api::Method) && !self.is_by_hand()
    }

    /// Its other names as a method.
    pub fn aliased_methods(&self) -> impl Iterator<Item = &'static Alias> {
        self.ops[0].also.iter().filter(|alias| alias.surface.contains(&Api::Method))
    }

    /// Whether an overload has an in-place form.
    pub fn is_in_place(&self) -> bool {
        self.is_public() && self.ops.iter().any(|op| has_in_place_form(op)) && !self.is_by_hand()
    }

    /// Whether the facade writes these members itself.
    fn is_by_hand(&self) -> bool {
        self.ops.iter().any(|op| op.by_hand)
    }

    /// Whether it makes tensors from nothing, and so takes `requiresGrad` on top of its parameters.
    pub fn is_factory(&self) -> bool {
        self.ops.iter().any(|op| makes_leaves(op))
    }
}

/// All groups in order of id.
pub fn groups<'a>(ops: &'a [&'static OpDef]) -> Vec<Group<'a>> {
    let mut id = 0;
    let mut groups: Vec<Group> = Vec::new();
    for ops in ops.chunk_by(|a, b| a.public_name() == b.public_name()) {
        let name = camel_case(ops[0].public_name());
        assert!(groups.iter().all(|g| g.name != name), "the overloads of {name} are not neighbours in the registry");
        groups.push(Group { id, name, ops });
        id += ops.len();
    }
    groups
}
