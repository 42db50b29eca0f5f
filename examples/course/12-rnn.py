# 12. A recurrent network from scratch.
import math

import torch
import torch.nn.functional as F
from torch import nn

from data import pieces, tale

HIDDEN = 64


class CharacterRNN(nn.Module):
    def __init__(self, letters):
        super().__init__()
        self.letters = letters
        self.wx = nn.Parameter(torch.randn(letters, HIDDEN) * 0.1)
        self.wh = nn.Parameter(torch.randn(HIDDEN, HIDDEN) * 0.1)
        self.b = nn.Parameter(torch.zeros(HIDDEN))
        self.output = nn.Linear(HIDDEN, letters)

    def forward(self, ids, state=None):
        x = F.one_hot(ids, self.letters).float()
        h = torch.zeros(len(ids), HIDDEN) if state is None else state
        states = []
        for letter in x.unbind(1):
            h = torch.tanh(letter @ self.wx + h @ self.wh + self.b)
            states.append(h)
        return self.output(torch.stack(states, 1)), h


def run(count=300):
    torch.manual_seed(12)
    text = tale()
    ids = text.encode(text.text)
    model = CharacterRNN(text.size)
    optimizer = torch.optim.SGD(model.parameters(), lr=1)
    perplexity = []

    for _ in range(count):
        letters, following = pieces(ids, 16, 24)
        scores, _ = model(letters)
        loss = F.cross_entropy(scores.flatten(0, 1), following.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        perplexity.append(math.exp(loss.item()))

    with torch.no_grad():
        scores, state = model(text.encode("The keeper ").unsqueeze(0))
        found = []
        for _ in range(40):
            letter = scores[:, -1].argmax(1, keepdim=True)
            found.append(letter)
            scores, state = model(letter, state)
        written = torch.cat(found, 1).squeeze(0)
    return {"loss": perplexity, "written": written.tolist()}


if __name__ == "__main__":
    print(run())
