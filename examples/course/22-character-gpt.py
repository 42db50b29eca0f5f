# 22. A character GPT.
import torch
import torch.nn.functional as F
from torch import nn

from data import pieces, tale

CONTEXT = 32
WIDTH = 48
HEADS = 4


class CausalAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = (t.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2) for t in self.qkv(x).chunk(3, 2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output(mixed.transpose(1, 2).reshape(batch, length, WIDTH))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = CausalAttention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        h = x + self.attention(self.norm1(x))
        return h + self.feed_forward(self.norm2(h))


class GPT(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.places = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm = nn.LayerNorm(WIDTH)
        self.letters = nn.Embedding(size, WIDTH)
        self.output = nn.Linear(WIDTH, size, bias=False)
        self.apply(self.initialise)
        self.output.weight = self.letters.weight

    def initialise(self, part):
        if isinstance(part, (nn.Linear, nn.Embedding)):
            nn.init.normal_(part.weight, 0, 0.02)

    def forward(self, ids):
        x = self.letters(ids) + self.places(torch.arange(ids.size(1)))
        return self.output(self.norm(self.blocks(x)))

    @torch.no_grad()
    def write(self, ids, count):
        text = ids.unsqueeze(0)
        for _ in range(count):
            probabilities = (self(text[:, -CONTEXT:])[:, -1] / 0.8).softmax(1)
            text = torch.cat([text, torch.multinomial(probabilities, 1)], 1)
        return text.squeeze(0)


def run(count=600):
    torch.manual_seed(22)
    text = tale()
    ids = text.encode(text.text)
    model = GPT(text.size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, count)
    losses = []

    for _ in range(count):
        letters, following = pieces(ids, 16, CONTEXT)
        error = F.cross_entropy(model(letters).flatten(0, 1), following.flatten())
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        schedule.step()
        losses.append(error.item())
    return {"loss": losses, "written": model.write(text.encode("The gull "), 60).tolist()}


if __name__ == "__main__":
    print(run())
