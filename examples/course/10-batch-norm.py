# 10. Batch normalisation.
import torch
from torch import nn

from classifier import fit
from data import digits


class BatchNorm(nn.Module):
    def __init__(self, channels, momentum=0.1, eps=1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.register_buffer("running_mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("running_var", torch.ones(1, channels, 1, 1))

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean = x.mean([0, 2, 3], keepdim=True)
            variance = (x - mean).square().mean([0, 2, 3], keepdim=True)
            count = x.numel() / x.size(1)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        return (x - mean) / (variance + self.eps).sqrt() * self.weight + self.bias


def network(after):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), after(6), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), after(16), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(256, 10),
    )


def run(epochs=6, images=1000):
    train, test = digits("train", images), digits("t10k", images // 2)

    def learn(after):
        torch.manual_seed(10)
        model = network(after)
        return fit(model, torch.optim.SGD(model.parameters(), lr=0.3), train, test, epochs)

    ours = learn(BatchNorm)
    library = learn(nn.BatchNorm2d)
    none = learn(lambda channels: nn.Identity())

    own, built_in = BatchNorm(3), nn.BatchNorm2d(3)
    x = torch.randn(8, 3, 5, 5) * 4 + 2
    in_training = torch.allclose(own(x), built_in(x), atol=1e-5)
    own.eval()
    built_in.eval()
    afterwards = torch.allclose(own(x), built_in(x), atol=1e-5)
    return {
        "loss": ours["loss"], "test": ours["test"],
        "lossLibrary": library["loss"], "lossNone": none["loss"], "testNone": none["test"],
        "agrees": [int(in_training), int(afterwards)],
    }


if __name__ == "__main__":
    print(run())
