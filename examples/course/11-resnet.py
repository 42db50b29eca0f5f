# 11. A residual network.
import torch
from torch import nn
from torch.utils.data import TensorDataset

from classifier import fit
from data import digits


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, is_residual):
        super().__init__()
        self.is_residual = is_residual
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else nn.Conv2d(inputs, outputs, 1, stride=stride)

    def forward(self, x):
        h = self.norm1(self.conv1(x)).relu()
        change = self.norm2(self.conv2(h))
        return (change + self.shortcut(x) if self.is_residual else change).relu()


def network(blocks, is_residual):
    widths = [8, 16, 32]
    stages = []
    for stage, width in enumerate(widths):
        for i in range(blocks):
            is_first = i == 0 and stage > 0
            stages.append(Block(widths[stage - 1] if is_first else width, width, 2 if is_first else 1, is_residual))
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1), *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )


def wide(dataset):
    images, labels = dataset.tensors
    return TensorDataset(images.double(), labels)


def run(epochs=4, images=1000):
    train, test = wide(digits("train", images)), wide(digits("t10k", images // 2))

    def learn(is_residual):
        torch.manual_seed(11)
        model = network(2, is_residual).double()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
        return fit(model, optimizer, train, test, epochs)

    residual = learn(True)
    plain = learn(False)
    return {"loss": residual["loss"], "test": residual["test"], "lossPlain": plain["loss"], "testPlain": plain["test"]}


if __name__ == "__main__":
    print(run())
