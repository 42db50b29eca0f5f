"""PyTorch for the bench: eager, on one thread. Speaks the protocol of bench/subjects/protocol.ts.

    python torch_subject.py
"""

import torch
from torch import nn
from torch.nn import functional as F

from torch_protocol import serve

CHAIN = 100
SIDE = 1024
VOCABULARY, CONTEXT, WIDTH, HEADS = 65, 64, 128, 4


def chain(t, y):
    for _ in range(CHAIN):
        t = t * y
    return t


def chain_forward():
    x = torch.arange(1.0, 9.0)
    y = torch.tensor([1.0, -1.0] * 4)
    return lambda: chain(x, y)


def chain_backward():
    x = torch.arange(1.0, 9.0, requires_grad=True)
    y = torch.tensor([1.0, -1.0] * 4)

    def run():
        chain(x, y).backward(y)
        x.grad = None

    return run


def numbers(t):
    for _ in range(CHAIN // 2):
        t = t * 1.0001 + 0.001
    return t


def numbers_forward():
    x = torch.arange(1.0, 9.0, requires_grad=True)
    return lambda: numbers(x)


def numbers_backward():
    x = torch.arange(1.0, 9.0, requires_grad=True)
    y = torch.tensor([1.0, -1.0] * 4)

    def run():
        numbers(x).backward(y)
        x.grad = None

    return run


def product(m, k, n, batch=None):
    def make():
        lead = [] if batch is None else [batch]
        a, b = torch.rand(*lead, m, k), torch.rand(*lead, k, n)
        return lambda: a @ b

    return make


def matvec():
    a, x = torch.rand(SIDE, SIDE), torch.rand(SIDE)
    return lambda: a @ x


def million(fn, view=lambda x: x):
    def make():
        x = view(torch.randn(SIDE, SIDE))
        return lambda: fn(x)

    return make


def binary(fn, view=lambda x: x):
    def make():
        x, y = view(torch.randn(SIDE, SIDE)), view(torch.randn(SIDE, SIDE))
        return lambda: fn(x, y)

    return make


def cast_from(dtype):
    def make():
        x = (torch.rand(SIDE, SIDE) * 100).to(dtype)
        return lambda: x.to(torch.float32)

    return make


def pow_float64():
    x = torch.rand(SIDE, SIDE, dtype=torch.float64)
    return lambda: x.pow(2.5)


def pow_int64():
    x, e = torch.randint(-9, 10, (SIDE, SIDE)), torch.randint(0, 8, (SIDE, SIDE))
    return lambda: x.pow(e)


def transposed(x):
    return x.t()


def permuted(x):
    return x.reshape(16, 32, 32, 64).permute(0, 3, 1, 2)


def gradient(fn):
    def make():
        x, g = torch.rand(SIDE, SIDE).requires_grad_(), torch.rand(SIDE, SIDE)
        y = fn(x)
        return lambda: torch.autograd.grad(y, x, g, retain_graph=True)

    return make


def layer_norm():
    x, weight, bias = torch.randn(SIDE, SIDE), torch.rand(SIDE), torch.rand(SIDE)
    return lambda: F.layer_norm(x, [SIDE], weight, bias)


def tiny():
    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))


def digits():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.gelu = nn.GELU()
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (part.view(b, t, HEADS, WIDTH // HEADS).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, WIDTH))
        return x + self.down(self.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def ids(batch):
    return torch.randint(0, VOCABULARY, (batch, CONTEXT))


def training(model, optimizer, loss):
    model.train()

    def run():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return run


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.01)


def train_tiny():
    model, x, y = tiny(), torch.randn(32, 2), torch.rand(32, 1)
    return training(model, sgd(model), lambda: F.mse_loss(model(x), y))


def train_digits():
    model, x, y = digits(), torch.rand(64, 784), torch.randint(0, 10, (64,))
    return training(model, sgd(model), lambda: F.cross_entropy(model(x), y))


def train_lenet():
    model, x, y = lenet(), torch.rand(32, 1, 28, 28), torch.randint(0, 10, (32,))
    return training(model, sgd(model), lambda: F.cross_entropy(model(x), y))


def train_transformer():
    model, x, y = Transformer(), ids(8), ids(8).flatten()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return training(model, optimizer, lambda: F.cross_entropy(model(x).flatten(0, 1), y))


def inference(make, make_input):
    def prepare():
        model, x = make().eval(), make_input()

        def run():
            with torch.no_grad():
                model(x)

        return run

    return prepare


def pool_global():
    planes = torch.rand(16, 64, 32, 32)
    return lambda: F.adaptive_avg_pool2d(planes, 1)


WORKLOADS = {
    "chain.forward": chain_forward,
    "chain.backward": chain_backward,
    "numbers.forward": numbers_forward,
    "numbers.backward": numbers_backward,
    "product.64": product(64, 64, 64),
    "product.128": product(128, 128, 128),
    "product.256": product(256, 256, 256),
    "product.512": product(512, 512, 512),
    "product.1024": product(SIDE, SIDE, SIDE),
    "product.batched": product(32, 32, 32, 64),
    "matvec.1024": matvec,
    "add": binary(lambda x, y: x + y),
    "mul": binary(lambda x, y: x * y),
    "exp": million(torch.exp),
    "tanh": million(torch.tanh),
    "gelu": million(F.gelu),
    "clamp": million(lambda x: x.clamp(0.25, 0.75)),
    "softmax": million(lambda x: torch.softmax(x, 1)),
    "layerNorm": layer_norm,
    "pow.2": million(lambda x: x.pow(2)),
    "pow.3": million(lambda x: x.pow(3)),
    "pow.2.5": million(lambda x: x.pow(2.5)),
    "pow.5": million(lambda x: x.pow(5)),
    "pow.float64": pow_float64,
    "pow.int64": pow_int64,
    "pow.tensor": binary(torch.pow),
    "pow.2.backward": gradient(lambda x: x.pow(2)),
    "pow.3.backward": gradient(lambda x: x.pow(3)),
    "pow.2.5.backward": gradient(lambda x: x.pow(2.5)),
    "transposed.add": binary(torch.add, transposed),
    "transposed.mul": binary(torch.mul, transposed),
    "transposed.relu": million(torch.relu, transposed),
    "transposed.exp": million(torch.exp, transposed),
    "mixed.mul": binary(lambda x, y: x.t() * y),
    "permuted.mul": binary(torch.mul, permuted),
    "permuted.relu": million(torch.relu, permuted),
    "sum": million(torch.sum),
    "sum.dim0": million(lambda x: x.sum(0)),
    "cast.int32": million(lambda x: x.to(torch.int32)),
    "cast.int16": million(lambda x: x.to(torch.int16)),
    "cast.int8": million(lambda x: x.to(torch.int8)),
    "cast.int64": million(lambda x: x.to(torch.int64)),
    "cast.uint8": million(lambda x: x.to(torch.uint8)),
    "cast.bool": million(lambda x: x.to(torch.bool)),
    "cast.float16": million(lambda x: x.to(torch.float16)),
    "cast.bfloat16": million(lambda x: x.to(torch.bfloat16)),
    "cast.fromFloat16": cast_from(torch.float16),
    "cast.fromBfloat16": cast_from(torch.bfloat16),
    "cast.fromInt8": cast_from(torch.int8),
    "cast.fromUint8": cast_from(torch.uint8),
    "cast.transposed": million(lambda x: x.t().to(torch.float16)),
    "pool.global": pool_global,
    "train.tiny": train_tiny,
    "train.digits": train_digits,
    "train.lenet": train_lenet,
    "train.transformer": train_transformer,
    "infer.digits": inference(digits, lambda: torch.rand(1, 784)),
    "infer.lenet": inference(lenet, lambda: torch.rand(1, 1, 28, 28)),
    "infer.transformer": inference(Transformer, lambda: ids(1)),
}


if __name__ == "__main__":
    serve(WORKLOADS)
