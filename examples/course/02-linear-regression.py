# 2. Linear regression, concise.
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def run(epochs=5):
    torch.manual_seed(2)
    x = torch.randn(1000, 2)
    noise = torch.randn(1000, 1) * 0.1
    y = x @ torch.tensor([[2], [-3.4]]) + 4.2 + noise

    loader = DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True)
    model = nn.Linear(2, 1)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.005)
    losses = []

    for _ in range(epochs):
        total = 0
        for points, heights in loader:
            error = criterion(model(points), heights)
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            total += error.item()
        losses.append(total / len(loader))
    return {"loss": losses, "w": model.weight.flatten().tolist(), "b": model.bias.tolist()}


if __name__ == "__main__":
    print(run())
