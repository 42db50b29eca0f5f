# 7. Numerical stability.
import math

import torch
from torch import nn

WIDTH = 64


def gradient_sizes(depth, activation, initialise):
    torch.manual_seed(7)
    layers = [nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(depth)]
    for layer in layers:
        initialise(layer.weight)
    x = torch.randn(16, WIDTH)
    for layer in layers:
        x = activation(layer(x))
    x.square().mean().backward()
    return [layer.weight.grad.norm().item() for layer in layers]


def product_sizes(count):
    torch.manual_seed(70)
    product = torch.eye(4)
    sizes = []
    for _ in range(count):
        product = product @ torch.randn(4, 4)
        sizes.append(product.abs().max().item())
    return sizes


def run(depth=20):
    scores = torch.tensor([1000, 1000.5])
    naive = scores.exp().sum().log().item()
    return {
        "products": product_sizes(depth),
        "sigmoid": gradient_sizes(depth, torch.sigmoid, nn.init.xavier_uniform_),
        "large": gradient_sizes(depth, torch.relu, lambda weight: nn.init.normal_(weight, 0, 0.4)),
        "tanh": gradient_sizes(depth, torch.tanh, nn.init.xavier_uniform_),
        "relu": gradient_sizes(depth, torch.relu, lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu")),
        "naiveIsFinite": [int(math.isfinite(naive))],
        "logsumexp": [torch.logsumexp(scores, 0).item()],
    }


if __name__ == "__main__":
    print(run())
