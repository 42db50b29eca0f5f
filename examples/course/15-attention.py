# 15. Attention.
import torch
import torch.nn.functional as F
from torch import nn

LETTERS = 12
LENGTH = 6
HIDDEN = 32


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.key = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.score = nn.Linear(HIDDEN, 1, bias=False)

    def forward(self, query, keys):
        features = torch.tanh(self.query(query).unsqueeze(1) + self.key(keys))
        weights = self.score(features).squeeze(-1).softmax(1)
        return weights.unsqueeze(1).bmm(keys).squeeze(1), weights


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(LETTERS + 1, HIDDEN)
        self.encoder = nn.GRU(HIDDEN, HIDDEN, batch_first=True)
        self.attention = Attention()
        self.decoder = nn.GRUCell(2 * HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, LETTERS)

    def forward(self, words, target=None):
        keys, last = self.encoder(self.embedding(words))
        h = last.squeeze(0)
        letter = torch.full([len(words)], LETTERS)
        scores, weights = [], []
        for t in range(LENGTH):
            context, weight = self.attention(h, keys)
            h = self.decoder(torch.cat([self.embedding(letter), context], 1), h)
            scores.append(self.output(h))
            weights.append(weight)
            letter = scores[-1].argmax(1) if target is None else target[:, t]
        return torch.stack(scores, 1), torch.stack(weights, 1)


def run(count=400):
    torch.manual_seed(15)
    model = Translator()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(count):
        words = torch.randint(0, LETTERS, (32, LENGTH))
        target = words.flip([1])
        scores, _ = model(words, target)
        error = F.cross_entropy(scores.flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        losses.append(error.item())

    with torch.no_grad():
        words = torch.randint(0, LETTERS, (100, LENGTH))
        scores, weights = model(words)
        right = (scores.argmax(2) == words.flip([1])).float().mean().item()
    return {"loss": losses, "accuracy": [right], "word": words[0].tolist(), "weights": weights[0].flatten().tolist()}


if __name__ == "__main__":
    print(run())
