# 14. Long short-term memory on a series of numbers.
import torch
import torch.nn.functional as F
from torch import nn

LENGTH = 400
TRAINED = 300


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.output = nn.Linear(32, 1)

    def forward(self, x, state=None):
        hidden, after = self.lstm(x, state)
        return self.output(hidden), after


def run(count=150):
    torch.manual_seed(14)
    time = torch.arange(0, LENGTH, dtype=torch.float64)
    series = (time * 0.2).sin() * 0.6 + (time * 0.05).sin() * 0.4 + torch.randn(LENGTH, dtype=torch.float64) * 0.03
    known = series[:TRAINED].view(1, TRAINED, 1)
    starts = torch.arange(0, TRAINED - 50, 10).unsqueeze(1)
    windows = series[starts + torch.arange(51)].unsqueeze(-1)
    x, y = windows[:, :50], windows[:, 1:]

    model = Forecaster().double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, count)
    losses = []
    for _ in range(count):
        error = F.mse_loss(model(x)[0], y)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        schedule.step()
        losses.append(error.item())

    with torch.no_grad():
        following, state = model(known)
        ahead = []
        for _ in range(TRAINED, LENGTH):
            last = following[:, -1:]
            ahead.append(last.flatten())
            following, state = model(last, state)
        forecast = torch.cat(ahead)
        next_only = model(series.view(1, LENGTH, 1))[0].flatten()[TRAINED - 1:-1]
    return {"loss": losses, "series": series.tolist(), "forecast": forecast.tolist(), "nextOnly": next_only.tolist()}


if __name__ == "__main__":
    print(run())
