//! What both sides of the boundary must agree on, as one table: numbers with a meaning, the words of the scratch area,
//! and the signatures of what each side calls of the other.
//!
//! `crates/opgen` compiles this file too and prints it to `ts/generated/abi.ts`; [`boundary`](crate::boundary) compares
//! it with the functions. A hash of all of it is in both, and is compared when the binary starts.

use adjoint_ops::naming::text_hash;

/// One number.
pub struct Constant {
    /// Its name, in capitals.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The number.
    pub value: i32,
}

/// Numbers for one purpose.
pub struct Group {
    /// The module they are in here; printed names begin with it, in capitals.
    pub name: &'static str,
    /// Their purpose.
    pub about: &'static str,
    /// The numbers.
    pub constants: &'static [Constant],
}

/// A function that one side calls of the other.
pub struct Function {
    /// Its name, as JavaScript knows it.
    pub name: &'static str,
    /// The words it reads of the scratch area or leaves there; empty where it has nothing to do with that.
    pub words: &'static str,
    /// Names and Rust types of its parameters.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The Rust type of the result.
    pub result: &'static str,
}

impl Function {
    /// Whether text crosses, by way of wasm-bindgen's glue.
    pub fn has_text(&self) -> bool {
        is_text(self.result) || self.parameters.iter().any(|(_, kind)| is_text(kind))
    }
}

/// Whether a Rust type is text.
pub fn is_text(kind: &str) -> bool {
    kind == "String" || kind.ends_with("str")
}

macro_rules! constants {
    ($($(#[doc = $purpose:literal])+ $group:ident { $($(#[doc = $about:literal])+ $name:ident = $value:expr;)+ })+) => {
        $($(#[doc = $purpose])+ pub mod $group {
            $($(#[doc = $about])+ pub const $name: i32 = $value;)+
        })+

        /// All numbers.
        pub const CONSTANTS: &[Group] = &[$(Group {
            name: stringify!($group),
            about: concat!($($purpose),+),
            constants: &[$(Constant {
                name: stringify!($name),
                about: concat!($($about),+),
                value: $group::$name,
            }),+],
        }),+];
    };
}

constants! {
    /// Results of calls. One below `FAILED` is the handle of a view of another tensor, negated.
    result {
        /// An error is waiting.
        FAILED = -1;
        /// Set in a result that says that the number of outputs and their handles are in the scratch area; the rest is the op's id.
        MANY = 1 << 30;
    }
    /// Bits of the op that a call names; the rest is its id.
    op {
        /// The in-place form: the first input is written and nothing is returned.
        IN_PLACE = 1 << 16;
    }
    /// What a number is.
    number {
        /// What its value says; of one that is returned, an integer.
        BY_VALUE = 1;
        /// Floating-point.
        FLOATING = 2;
        /// A bool.
        BOOL = 3;
    }
    /// What a scope of calls that are put off does.
    lazy {
        /// It begins.
        BEGIN = 1;
        /// It ends.
        END = 2;
        /// All that waits is computed, and the open scopes put off nothing more.
        SUSPEND = 3;
    }
    /// On which side of the tensor a number is.
    side {
        /// Behind it.
        SECOND = 0;
        /// Before it.
        FIRST = 1;
    }
    /// Tags of arguments in the scratch area, each with the words behind it.
    tag {
        /// `undefined`: nothing.
        MISSING = 0;
        /// `null`: nothing.
        NULL = 1;
        /// A tensor: its handle.
        TENSOR = 2;
        /// A number that is an integer: the number.
        INT = 3;
        /// Another number: the number.
        FLOAT = 4;
        /// A bool: 0 or 1.
        BOOL = 5;
        /// A bigint: the high and the low 32 bits.
        BIGINT = 6;
        /// An array of integers: how many, and each.
        INTS = 7;
        /// An array of numbers: how many, and each.
        FLOATS = 8;
        /// An array of tensors and nulls: how many, and each one's handle or 0.
        TENSORS = 9;
        /// The gradients of the tensors of a positional argument: which.
        GRADIENTS = 10;
        /// Text: how many UTF-16 units, and each.
        TEXT = 11;
        /// An argument by name: the index of the name, and the argument with its tag.
        NAMED = 12;
        /// A generator of random numbers: its id.
        GENERATOR = 13;
        /// An array of integers and nulls: how many, and each or NaN.
        SIZES = 14;
        /// A name that no op has a parameter of: how many UTF-16 units, and each.
        UNKNOWN = 15;
    }
    /// Codes of dtypes.
    dtype {
        /// 32-bit floating-point.
        FLOAT32 = 0;
        /// 64-bit floating-point.
        FLOAT64 = 1;
        /// 64-bit integer.
        INT64 = 2;
        /// 32-bit integer.
        INT32 = 3;
        /// 16-bit integer.
        INT16 = 4;
        /// 8-bit integer.
        INT8 = 5;
        /// 8-bit integer without a sign.
        UINT8 = 6;
        /// Bool.
        BOOL = 7;
        /// 16-bit floating-point, IEEE's.
        FLOAT16 = 8;
        /// 16-bit floating-point with the exponents of float32.
        BFLOAT16 = 9;
    }
    /// Flags of tensors.
    flag {
        /// Gradients are asked for.
        REQUIRES_GRAD = 1;
        /// No recorded operation made it.
        LEAF = 2;
        /// Row-major, without gaps.
        CONTIGUOUS = 4;
        /// A view of another tensor.
        VIEW = 8;
        /// Made in inference mode.
        INFERENCE = 16;
        /// Computed, and keeps its gradient.
        RETAINS_GRAD = 32;
    }
    /// Flags of public names in the table of ops.
    row {
        /// A method of tensors.
        METHOD = 1;
        /// There is an in-place form.
        HAS_IN_PLACE = 2;
        /// It makes tensors from nothing and takes `requiresGrad`.
        FACTORY = 4;
    }
    /// Words that `meta` leaves; the strides follow the shape.
    meta {
        /// The code of the dtype.
        DTYPE = 0;
        /// Flags.
        FLAGS = 1;
        /// The number of elements.
        NUMEL = 2;
        /// The number of dims.
        RANK = 3;
        /// Where in the storage the first element is.
        OFFSET = 4;
        /// How often the storage was written.
        VERSION = 5;
        /// The first size.
        SHAPE = 6;
    }
    /// Words that `item` leaves.
    item {
        /// The value as a double.
        VALUE = 0;
        /// As an integer, the high 32 bits.
        HIGH = 1;
        /// The low 32 bits.
        LOW = 2;
        /// How many words there are.
        COUNT = 3;
    }
    /// Words that `memory_stats` leaves.
    stats {
        /// Tensors JavaScript holds.
        TENSORS = 0;
        /// Bytes of storages.
        BYTES = 1;
        /// Their peak.
        PEAK_BYTES = 2;
        /// Storages.
        STORAGES = 3;
        /// Nodes of graphs.
        NODES = 4;
        /// How many words there are.
        COUNT = 5;
    }
    /// Flags of a backward pass.
    pass {
        /// What the nodes saved stays, for another pass.
        KEEP_GRAPH = 1;
        /// The pass is recorded itself.
        CREATE_GRAPH = 2;
        /// An input that the outputs do not depend on is no error.
        ALLOW_UNUSED = 4;
        /// Its gradient is zeros.
        MATERIALIZE = 8;
    }
    /// Modes.
    mode {
        /// Operations are recorded for gradients.
        GRAD = 0;
        /// Inference mode.
        INFERENCE = 1;
    }
    /// Bits of anomaly detection.
    anomaly {
        /// It is on.
        ENABLED = 1;
        /// It looks for NaN.
        CHECK_NAN = 2;
    }
    /// Flags of an output of a custom function.
    output {
        /// It has a gradient.
        DIFFERENTIABLE = 1;
        /// It is an input that was written.
        DIRTY = 2;
    }
    /// What is wanted of a graph besides its nodes.
    graph {
        /// Values that are saved.
        VALUES = 1;
        /// Gradients of everything on the way.
        GRADIENTS = 2;
    }
    /// What a function of JavaScript's returns to Rust besides handles and counts.
    callback {
        /// The gradient stays as it is.
        UNCHANGED = 0;
        /// It threw.
        THREW = -1;
        /// A hook on a node: the gradients stay as they are.
        NODE_UNCHANGED = -1;
        /// A hook on a node: it threw.
        NODE_THREW = -2;
    }
}

/// Hands the exports to macro `$with`, by the module they are in. Doc comments say what the scratch area holds.
macro_rules! exports {
    ($with:ident) => {
        $with! {
            abandoned {
                fn abandon_call() -> bool;
            }
            autograd {
                /// Before: flags, how many roots, each with its gradient or 0, how many inputs or -1 for all leaves, each.
                fn backward(words: usize) -> i32;
                fn backward_from(h: i32, gradient: i32) -> i32;
                /// Before: as for `backward`. After: a gradient or 0 for each input.
                fn grad(words: usize) -> i32;
                fn set_requires_grad(h: i32, on: bool) -> i32;
                fn grad_of(h: i32, known: i32) -> i32;
                /// Before: handles. After: 1 for each that has a gradient, else 0.
                fn have_grads(words: usize) -> i32;
                fn set_grad(h: i32, gradient: i32) -> i32;
                fn detach(h: i32) -> i32;
                fn data_of(h: i32) -> i32;
                fn set_data(h: i32, source: i32) -> i32;
                fn detach_in_place(h: i32) -> i32;
                fn retain_grad(h: i32) -> i32;
                fn base_of(h: i32) -> i32;
                fn is_leaf(h: i32) -> i32;
                fn become_view(h: i32, view: i32) -> i32;
                fn same_tensor(a: i32, b: i32) -> bool;
                fn set_mode(which: i32, on: bool) -> bool;
                fn get_mode(which: i32) -> bool;
                fn set_anomaly(bits: i32) -> i32;
                fn get_anomaly() -> i32;
                fn manual_seed(high: u32, low: u32) -> ();
            }
            call {
                fn call1(op: i32, a: i32) -> i32;
                fn call2(op: i32, a: i32, b: i32) -> i32;
                fn call3(op: i32, a: i32, b: i32, c: i32) -> i32;
                fn call2n(op: i32, a: i32, value: f64, kind: i32, side: i32) -> i32;
                /// Before: arguments, each a tag and its words.
                fn call_n(op: i32, words: usize) -> i32;
            }
            callbacks {
                fn load_secondary() -> ();
                fn register_hook(h: i32, id: u32) -> i32;
                fn register_post_accumulate_hook(h: i32, id: u32) -> i32;
                fn holds_hooks_alone(h: i32, node: f64) -> bool;
                fn remove_hook(h: i32, hook: u32) -> i32;
                fn push_saved_hooks(id: u32) -> ();
                fn remove_saved_hooks(id: u32) -> ();
            }
            capture {
                /// Before: the handles of what the function is given.
                fn capture_start(words: usize) -> i32;
                fn capture_cancel() -> ();
                /// Before: the handles of what it returned.
                fn capture_finish(words: usize, recomputes: bool) -> i32;
                fn program_free(id: u32) -> ();
                fn program_constant(id: u32, value: u32) -> i32;
                fn capture_set_recording(on: bool) -> bool;
                fn lazy_scope(what: i32) -> i32;
                /// Before: the handles of the inputs, and as many numbers of steps. After: the handles of the outputs.
                fn program_run(id: u32, words: usize, numbers: usize) -> i32;
                fn program_json(id: u32) -> String;
            }
            checkpoint {
                /// Before: the handles of the inputs.
                fn checkpoint_start(id: u32, count: usize, preserve_random: bool, early_stop: bool) -> i32;
                fn checkpoint_end() -> ();
            }
            custom {
                /// Before: how many inputs, each or 0; how many outputs, each with its flags; how many saved tensors,
                /// each or 0. After: the outputs as the caller gets them.
                fn record_function(id: u32, materialize: bool, words: usize) -> i32;
                fn level_of(h: i32) -> u32;
                /// After: the saved tensors, 0 for none.
                fn function_saved(id: u32) -> i32;
            }
            lowered {
                fn program_lower(id: u32) -> i32;
                fn lowered_json(id: u32) -> String;
                fn lowered_constant(id: u32, value: u32) -> i32;
                fn lowered_free(id: u32) -> ();
            }
            forward_mode {
                fn enter_dual_level() -> u32;
                fn exit_dual_level() -> ();
                fn dual_level() -> u32;
                fn make_dual(primal: i32, tangent: i32, level: u32) -> i32;
                /// After: the primal, and the tangent or 0.
                fn unpack_dual(h: i32, level: u32) -> i32;
                fn fresh(h: i32) -> i32;
                fn without_history(h: i32) -> i32;
                fn depends_on_user_leaves(h: i32) -> i32;
                fn enter_transform() -> ();
                /// Randomness: 0 for none, 1 for different, 2 for the same.
                fn enter_vmap(samples: usize, randomness: u8) -> ();
                fn exit_transform() -> ();
                fn admit(h: i32) -> i32;
                fn hide_samples(h: i32, dim: usize) -> i32;
                fn reveal_samples(h: i32, dim: usize) -> i32;
                fn has_samples(h: i32) -> i32;
                fn is_sample(h: i32) -> i32;
            }
            generators {
                fn generator_new(high: u32, low: u32) -> u32;
                fn generator_clone(id: u32) -> i32;
                fn generator_seed(id: u32, high: u32, low: u32) -> i32;
                fn generator_free(id: u32) -> ();
                /// After: the high and the low 32 bits.
                fn generator_bits(id: u32) -> i32;
                fn generator_permutation(id: u32, n: u32) -> i32;
            }
            graph {
                /// Before: flags, the most elements of a value, how many roots, each, how many known tensors, each.
                fn graph_json(words: usize) -> String;
            }
            lifetime {
                fn alias(h: i32) -> i32;
                fn release(h: i32) -> ();
                fn scope_open() -> i32;
                fn scope_enter(scope: i32) -> ();
                fn scope_take(scope: i32, h: i32) -> ();
                fn scope_end(scope: i32, next: i32, passed: i32) -> ();
                /// After: handles.
                fn scope_handles(scope: i32) -> usize;
                fn scratch_reserve(words: usize) -> *const f64;
                fn scratch_capacity() -> usize;
                /// After: see `STATS_TENSORS` and the others.
                fn memory_stats() -> ();
                fn memory_by_op() -> String;
                fn live_bytes() -> f64;
                fn reset_peak_memory() -> ();
                fn take_error() -> String;
                fn abi_hash() -> u32;
            }
            nodes {
                fn grad_fn(h: i32) -> i32;
                fn grad_fn_name(h: i32) -> String;
                fn node_name(node: i32) -> String;
                fn node_key(node: i32) -> f64;
                /// After: for each input its node or 0, and which output of that it is.
                fn node_next(node: i32) -> i32;
                fn node_variable(node: i32) -> i32;
                fn node_kept_names(node: i32) -> String;
                fn node_kept(node: i32, at: i32) -> i32;
                fn release_node(node: i32) -> ();
                /// After: which output of the node.
                fn gradient_edge(h: i32) -> i32;
                fn edge_tensor(node: i32, index: u32) -> i32;
                fn register_node_hook(node: i32, id: u32, before: bool) -> i32;
                fn remove_node_hook(node: i32, hook: u32) -> ();
                /// Before: the handles of the members.
                fn watch_group(count: usize) -> i32;
                fn forget_group(id: u32) -> ();
                /// After: 1 for each member that the pass goes by, else 0.
                fn group_passes(id: u32) -> usize;
                fn walk_is_unrestricted() -> bool;
                fn increment_version(h: i32) -> i32;
            }
            profile {
                fn profile_start(most_events: usize) -> ();
                fn profile_begin(name: String) -> ();
                fn profile_end() -> ();
                fn profile_finish() -> String;
            }
            read {
                /// After: see `META_DTYPE` and the others.
                fn meta(h: i32) -> i32;
                fn flags_of(h: i32) -> i32;
                /// Before: the shape.
                fn new_empty(dtype: u8, rank: usize) -> i32;
                fn data_ptr(h: i32) -> *const u8;
                fn read_ptr(h: i32, dtype: i32) -> *const u8;
                fn unpark() -> ();
                /// After: see `ITEM_VALUE` and the others.
                fn item(h: i32) -> i32;
            }
            rng_state {
                fn rng_state() -> i32;
                fn set_rng_state(h: i32) -> i32;
            }
        }
    };
}

/// Hands what Rust calls of JavaScript to macro `$with`: the name there, and the function here.
macro_rules! host {
    ($with:ident) => {
        $with! {
            loadSecondary = fn load_secondary() -> ();
            panicked = fn panicked(message: &str) -> ();
            hook = fn hook(id: u32, gradient: i32) -> i32;
            /// Before: gradients of the inputs and of the outputs, 0 for none. After: what replaces the former.
            nodeHook = fn node_hook(id: u32, inputs: usize, outputs: usize) -> i32;
            forget = fn forget(id: u32) -> ();
            functionName = fn function_name(id: u32) -> String;
            /// Before: gradients of the outputs, 0 for none. After: gradients of the arguments, 0 for none.
            functionBackward = fn function_backward(id: u32, count: usize) -> i32;
            forgetFunction = fn forget_function(id: u32) -> ();
            pack = fn pack(id: u32, t: i32) -> i32;
            unpack = fn unpack(key: u32) -> i32;
            forgetPacked = fn forget_packed(key: u32) -> ();
            keepTrace = fn keep_trace() -> u32;
            readTrace = fn read_trace(key: u32) -> String;
            forgetTrace = fn forget_trace(key: u32) -> ();
            /// Before: the handles of the inputs.
            replay = fn replay(id: u32, count: usize) -> i32;
            forgetReplay = fn forget_replay(id: u32) -> ();
        }
    };
}

macro_rules! listed_exports {
    ($($module:ident {
        $($(#[doc = $words:literal])* fn $name:ident($($parameter:ident: $kind:ty),*) -> $result:ty;)+
    })+) => {
        /// What JavaScript calls.
        pub const EXPORTS: &[Function] = &[$($(Function {
            name: stringify!($name),
            words: concat!($($words),*),
            parameters: &[$((stringify!($parameter), stringify!($kind))),*],
            result: stringify!($result),
        }),+),+];
    };
}
exports!(listed_exports);

macro_rules! listed_host {
    ($($(#[doc = $words:literal])* $js:ident = fn $name:ident($($parameter:ident: $kind:ty),*) -> $result:ty;)+) => {
        /// What Rust calls.
        pub const HOST: &[Function] = &[$(Function {
            name: stringify!($js),
            words: concat!($($words),*),
            parameters: &[$((stringify!($parameter), stringify!($kind))),*],
            result: stringify!($result),
        }),+];
    };
}
host!(listed_host);

/// The hash that both sides must have: of this table, and of the table of ops with hash `ops`.
pub const fn hash(ops: u32) -> u32 {
    let mut hash = ops;
    let mut group = 0;
    while group < CONSTANTS.len() {
        hash = text_hash(hash, CONSTANTS[group].name);
        let constants = CONSTANTS[group].constants;
        let mut i = 0;
        while i < constants.len() {
            hash = text_hash(hash, constants[i].name) ^ constants[i].value as u32;
            i += 1;
        }
        group += 1;
    }
    functions_hash(functions_hash(hash, EXPORTS), HOST)
}

const fn functions_hash(mut hash: u32, functions: &[Function]) -> u32 {
    let mut i = 0;
    while i < functions.len() {
        let Function { name, words, parameters, result } = &functions[i];
        hash = text_hash(text_hash(text_hash(hash, name), words), result);
        let mut p = 0;
        while p < parameters.len() {
            hash = text_hash(text_hash(hash, parameters[p].0), parameters[p].1);
            p += 1;
        }
        i += 1;
    }
    hash
}
