# 18. A generative adversarial network.
import math

import torch
from torch import nn

NOISE = 2
BATCH = 64


def ring(count):
    angle = torch.rand(count) * (2 * math.pi)
    return torch.stack([angle.cos(), angle.sin()], 1) + torch.randn(count, 2) * 0.05


def network(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, outputs))


def run(count=2000):
    torch.manual_seed(18)
    draw, judge = network(NOISE, 2), network(2, 1)
    drawing = torch.optim.Adam(draw.parameters(), lr=0.001, betas=(0.5, 0.999))
    judging = torch.optim.Adam(judge.parameters(), lr=0.002, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    real, fake = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    loss_judge, loss_draw = [], []

    for _ in range(count):
        drawn = draw(torch.randn(BATCH, NOISE))

        judging.zero_grad()
        verdicts = judge(torch.cat([ring(BATCH), drawn.detach()]))
        error = criterion(verdicts, torch.cat([real, fake]))
        error.backward()
        judging.step()

        drawing.zero_grad()
        deceit = criterion(judge(drawn), real)
        deceit.backward()
        drawing.step()

        loss_judge.append(error.item())
        loss_draw.append(deceit.item())
    with torch.no_grad():
        samples = draw(torch.randn(200, NOISE))
    return {"loss": loss_draw, "lossJudge": loss_judge, "real": ring(200).flatten().tolist(), "drawn": samples.flatten().tolist()}


if __name__ == "__main__":
    print(run())
