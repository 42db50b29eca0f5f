# 9. A convolutional network.
import torch
from torch import nn

from classifier import fit
from data import digits


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
        )

    def forward(self, images):
        return self.classifier(self.features(images))


def run(epochs=8, images=1500):
    torch.manual_seed(9)
    model = LeNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    history = fit(model, optimizer, digits("train", images), digits("t10k", images // 2), epochs)
    parameters = sum(p.numel() for p in model.parameters())
    return {**history, "parameters": [parameters], "filters": model.features[0].weight.flatten().tolist()}


if __name__ == "__main__":
    print(run())
