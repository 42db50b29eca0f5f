//! The library's Rust code as a native program, for the bench. Speaks the protocol of `bench/subjects/protocol.ts`.

use adjoint_autograd::Tensor;
use adjoint_ops::contract::matmul::matmul;
use adjoint_ops::nn::softmax::softmax;
use adjoint_ops::{elementwise as ew, reduce};
use adjoint_tensor::{Array, DType};
use adjoint_tensor::allocator::PoolAllocator;
use std::io::{BufRead, Write};
use std::time::Instant;

// What the binaries allocate with; this program has one thread too.
#[global_allocator]
static ALLOCATOR: PoolAllocator = PoolAllocator::new();

const SIDE: usize = 1024;

type Call = Box<dyn FnMut()>;

/// Numbers between -2 and 2.
fn numbers(shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    let mut state = 1u64;
    let values: Vec<f32> = (0..count)
        .map(|_| {
            state = state * 48271 % 2_147_483_647;
            state as f32 / 2_147_483_647.0 * 4.0 - 2.0
        })
        .collect();
    Tensor::from_array(Array::from_slice(&values, shape).expect("memory for the operands"))
}

fn product(a: &[usize], b: &[usize]) -> Call {
    let (a, b) = (numbers(a), numbers(b));
    Box::new(move || drop(matmul(&a, &b).expect("shapes fit")))
}

fn unary(f: fn(&Tensor) -> adjoint_tensor::Result<Tensor>) -> Call {
    let x = numbers(&[SIDE, SIDE]);
    Box::new(move || drop(f(&x).expect("a float tensor")))
}

fn binary(f: fn(&Tensor, &Tensor) -> adjoint_tensor::Result<Tensor>) -> Call {
    let (x, y) = (numbers(&[SIDE, SIDE]), numbers(&[SIDE, SIDE]));
    Box::new(move || drop(f(&x, &y).expect("float tensors")))
}

fn workload(name: &str) -> Option<Call> {
    Some(match name {
        "product.64" => product(&[64, 64], &[64, 64]),
        "product.128" => product(&[128, 128], &[128, 128]),
        "product.256" => product(&[256, 256], &[256, 256]),
        "product.512" => product(&[512, 512], &[512, 512]),
        "product.1024" => product(&[SIDE, SIDE], &[SIDE, SIDE]),
        "product.batched" => product(&[64, 32, 32], &[64, 32, 32]),
        "matvec.1024" => product(&[SIDE, SIDE], &[SIDE]),
        "add" => binary(ew::add::add),
        "mul" => binary(ew::mul::mul),
        "exp" => unary(ew::exp::exp),
        "tanh" => unary(ew::tanh::tanh),
        "gelu" => unary(ew::gelu::gelu),
        "softmax" => unary(|x| softmax(x, 1)),
        "sum" => unary(|x| reduce::sum::sum_dims(x, &[0, 1], false)),
        "sum.dim0" => unary(|x| reduce::sum::sum_dims(x, &[0], false)),
        "cast.int32" => cast(DType::Int32),
        "cast.int64" => cast(DType::Int64),
        "cast.uint8" => cast(DType::UInt8),
        "cast.bool" => cast(DType::Bool),
        "cast.float16" => cast(DType::Float16),
        "cast.bfloat16" => cast(DType::BFloat16),
        _ => return None,
    })
}

fn cast(dtype: DType) -> Call {
    Box::new({
        let x = numbers(&[SIDE, SIDE]);
        move || drop(ew::to::to(&x, dtype).expect("floats have casts"))
    })
}

fn time(call: &mut Call, calls: u32, samples: u32) -> String {
    let one = |call: &mut Call| {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        format!("{:.1}", start.elapsed().as_nanos() as f64 / f64::from(calls))
    };
    let all: Vec<String> = (0..samples).map(|_| one(call)).collect();
    format!(r#"{{"ns":[{}]}}"#, all.join(","))
}

fn main() {
    adjoint_ops::install();
    let mut call: Option<Call> = None;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| words.get(i).and_then(|w| w.parse().ok()).unwrap_or(1);
        let answer = match (words[0], &mut call) {
            ("about", _) => format!(r#"{{"name":"native","fma":{}}}"#, cfg!(target_feature = "fma")),
            ("prepare", _) => {
                call = words.get(1).and_then(|name| workload(name));
                if let Some(call) = &mut call {
                    call();
                    r#"{"ok":true}"#.to_string()
                } else {
                    r#"{"skip":""}"#.to_string()
                }
            }
            ("time", Some(call)) => time(call, number(1), number(2)),
            _ => r#"{"value":null}"#.to_string(),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("the bench listens");
    }
}
