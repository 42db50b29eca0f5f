//! The backward pass, all of it but its parts.
//!
//! 1. From the `seeds`, run the `chain` behind a single root. For what is left:
//! 2. Find all nodes (`task`), and count for each the gradients it waits for.
//! 3. Take the `ready` node with the highest sequence number, run it with its hooks (`step`,
//!    `derivative`), and add what it gives to the nodes of its inputs (`accumulate`), which are
//!    older. Accumulators run as soon as they can.
//!
//! [`entry`] has the functions that start a pass, [`context`] what hooks may ask about it.

pub mod abandoned;
pub mod accumulate;
mod chain;
pub mod checkpoint;
pub mod context;
mod copy_slices;
mod derivative;
pub mod entry;
mod gradient_kernel;
pub mod inspect;
mod ready;
pub mod recorded;
mod seeds;
mod step;
mod task;

pub use entry::{backward, grad};

use crate::graph::modes::GradMode;
use crate::graph::node::Edge;
use crate::op::interpreter::{self, Section};
use adjoint_tensor::Result;
use context::Running;
use derivative::validate;
use ready::Ready;
use seeds::Seeds;
use task::Task;

/// Runs all that the seeds lead to; of `wanted` edges, if there are any, only what leads to them.
/// Their gradients are in `task.captured` then.
fn run(task: &mut Task, seeds: Seeds, wanted: &[Edge]) -> Result<()> {
    let seeds = if task.may_chain(wanted) { chain::run_chain(seeds, task.keep_graph)? } else { seeds };
    if seeds.is_empty() {
        return Ok(());
    }
    interpreter::section(Section::BackwardPass, || run_table(task, seeds, wanted))
}

fn run_table(task: &mut Task, seeds: Seeds, wanted: &[Edge]) -> Result<()> {
    let _mode = GradMode::set(task.create_graph);
    let roots = task.find_nodes(seeds)?;
    task.restrict(wanted)?;
    let _running = Running::begin(wanted.is_empty(), |node| task.will_run(node));
    let mut ready = Ready::default();
    for slot in roots.into_iter().filter(|&slot| task.is_complete(slot)) {
        ready.push(task.node(slot), slot)?;
    }
    while let Some(slot) = ready.pop() {
        let node = task.node(slot).clone();
        let mut stepped = task.step(slot, &node)?;
        for (i, edge) in node.edges.iter().enumerate() {
            let g = stepped.grads.get_mut(i).and_then(Option::take);
            let Some((edge, next)) = edge.as_ref().and_then(|edge| Some((edge, task.find(&edge.node)?))) else {
                continue;
            };
            if let Some(g) = g {
                task.add(next, edge.index, validate(&node, i, edge, g)?)?;
            } else if stepped.is_zero(i) {
                task.add_zeros(next, edge.index)?;
            }
            if task.arrived(next) {
                ready.push(&edge.node, next)?;
            }
        }
    }
    Ok(())
}
