# 6. Dropout.
import torch
from torch import nn

from classifier import fit
from data import digits


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        kept = torch.rand(x.shape) > self.p
        return x * kept / (1 - self.p)


def network(dropout):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256), nn.ReLU(), dropout(),
        nn.Linear(256, 256), nn.ReLU(), dropout(),
        nn.Linear(256, 10),
    )


def run(epochs=20, images=500):
    train, test = digits("train", images), digits("t10k", images // 2)

    def learn(dropout):
        torch.manual_seed(6)
        model = network(dropout)
        return fit(model, torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9), train, test, epochs)

    none = learn(lambda: nn.Identity())
    ours = learn(lambda: Dropout(0.5))
    library = learn(lambda: nn.Dropout(0.5))
    return {
        "loss": library["loss"], "test": library["test"],
        "lossOurs": ours["loss"], "testOurs": ours["test"],
        "lossNone": none["loss"], "testNone": none["test"],
    }


if __name__ == "__main__":
    print(run())
