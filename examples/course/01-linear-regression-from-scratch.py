# 1. Linear regression from scratch.
import torch


def run(epochs=5):
    torch.manual_seed(1)
    x = torch.randn(1000, 2)
    noise = torch.randn(1000) * 0.1
    y = x @ torch.tensor([2, -3.4]) + 4.2 + noise

    w = (torch.randn(2) * 0.01).requires_grad_()
    b = torch.zeros(1, requires_grad=True)
    learning_rate = 0.01
    losses = []

    for _ in range(epochs):
        for batch in torch.randperm(1000).split(10):
            prediction = x[batch] @ w + b
            error = (prediction - y[batch]).square().mean() / 2
            error.backward()
            with torch.no_grad():
                for parameter in [w, b]:
                    parameter -= learning_rate * parameter.grad
                    parameter.grad = None
        with torch.no_grad():
            losses.append(((x @ w + b - y).square().mean() / 2).item())
    return {"loss": losses, "w": w.tolist(), "b": b.tolist()}


if __name__ == "__main__":
    print(run())
