# 16. A transformer.
import math

import torch
import torch.nn.functional as F
from torch import nn

NUMBERS = 10
LENGTH = 8
WIDTH = 32
HEADS = 4


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = (t.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2) for t in self.qkv(x).chunk(3, 2))
        weights = (q @ k.transpose(2, 3) / math.sqrt(WIDTH / HEADS)).softmax(3)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        return self.output(mixed), weights


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = SelfAttention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, x):
        mixed, weights = self.attention(self.norm1(x))
        h = x + mixed
        return h + self.feed_forward(self.norm2(h)), weights


def positions():
    place = torch.arange(LENGTH, dtype=torch.float32).unsqueeze(1)
    frequency = (torch.arange(0, WIDTH, 2, dtype=torch.float32) * (-math.log(10000) / WIDTH)).exp()
    angle = place * frequency
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(NUMBERS, WIDTH)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.norm = nn.LayerNorm(WIDTH)
        self.output = nn.Linear(WIDTH, NUMBERS)
        self.register_buffer("positions", positions())

    def forward(self, given):
        x = self.embedding(given) + self.positions
        for block in self.blocks:
            x, weights = block(x)
        return self.output(self.norm(x)), weights


def run(count=300):
    torch.manual_seed(16)
    model = Sorter()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    losses = []
    for _ in range(count):
        given = torch.randint(0, NUMBERS, (32, LENGTH))
        in_order, _ = given.sort(1)
        scores, _ = model(given)
        error = F.cross_entropy(scores.flatten(0, 1), in_order.flatten())
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        losses.append(error.item())

    with torch.no_grad():
        given = torch.randint(0, NUMBERS, (200, LENGTH))
        scores, weights = model(given)
        right = (scores.argmax(2) == given.sort(1)[0]).float().mean().item()
    return {"loss": losses, "accuracy": [right], "given": given[0].tolist(), "weights": weights[0, 0].flatten().tolist()}


if __name__ == "__main__":
    print(run())
