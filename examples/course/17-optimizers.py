# 17. Optimizers.
import torch
from torch.optim import lr_scheduler


def height(p):
    return (p.square() * torch.tensor([0.05, 1])).sum()


def descend(count, start):
    p = torch.tensor([-8.0, 2.0], requires_grad=True)
    step = start(p)
    path, heights = p.tolist(), []
    for _ in range(count):
        p.grad = None
        here = height(p)
        here.backward()
        step()
        path += p.tolist()
        heights.append(here.item())
    return path, heights


def momentum_by_hand(p):
    velocity = torch.zeros(2)

    @torch.no_grad()
    def step():
        velocity.mul_(0.8).add_(p.grad)
        p.sub_(velocity * 0.1)
    return step


def adam_by_hand(p):
    lr, beta1, beta2 = 0.4, 0.9, 0.999
    mean, square = torch.zeros(2), torch.zeros(2)
    t = 0

    @torch.no_grad()
    def step():
        nonlocal t
        t += 1
        mean.lerp_(p.grad, 1 - beta1)
        square.lerp_(p.grad.square(), 1 - beta2)
        m, v = mean / (1 - beta1**t), square / (1 - beta2**t)
        p.sub_(m / (v.sqrt() + 1e-8) * lr)
    return step


def library(make):
    return lambda p: make([p]).step


def run(count=40):
    sgd, _ = descend(count, library(lambda params: torch.optim.SGD(params, lr=0.8)))
    momentum, _ = descend(count, library(lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.8)))
    adagrad, _ = descend(count, library(lambda params: torch.optim.Adagrad(params, lr=2)))
    rmsprop, _ = descend(count, library(lambda params: torch.optim.RMSprop(params, lr=0.4, alpha=0.9)))
    adam, heights = descend(count, library(lambda params: torch.optim.Adam(params, lr=0.4)))

    optimizer = torch.optim.SGD([torch.tensor([0.0], requires_grad=True)], lr=1)
    warm = max(1, count // 10)
    up = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    down = lr_scheduler.CosineAnnealingLR(optimizer, count - warm)
    schedule = lr_scheduler.SequentialLR(optimizer, [up, down], [warm])
    rates = []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()

    return {
        "loss": heights, "sgd": sgd, "momentum": momentum, "momentumByHand": descend(count, momentum_by_hand)[0],
        "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam, "adamByHand": descend(count, adam_by_hand)[0], "rates": rates,
    }


if __name__ == "__main__":
    print(run())
