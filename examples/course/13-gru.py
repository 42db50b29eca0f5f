# 13. A gated recurrent unit.
import torch
import torch.nn.functional as F
from torch import nn

from data import pieces, tale

HIDDEN = 64


def states(gru, x):
    wx, wh, bx, bh = gru.all_weights[0]
    h = torch.zeros(len(x), HIDDEN)
    found = []
    for letter in x.unbind(1):
        xr, xz, xn = F.linear(letter, wx, bx).chunk(3, 1)
        hr, hz, hn = F.linear(h, wh, bh).chunk(3, 1)
        reset = torch.sigmoid(xr + hr)
        update = torch.sigmoid(xz + hz)
        candidate = torch.tanh(xn + reset * hn)
        h = update * h + (1 - update) * candidate
        found.append(h)
    return torch.stack(found, 1)


class Model(nn.Module):
    def __init__(self, letters, Layer):
        super().__init__()
        self.embedding = nn.Embedding(letters, 32)
        self.recurrent = Layer(32, HIDDEN, batch_first=True)
        self.output = nn.Linear(HIDDEN, letters)

    def forward(self, ids):
        states, _ = self.recurrent(self.embedding(ids))
        return self.output(states)


def run(count=200):
    text = tale()
    ids = text.encode(text.text)

    def learn(Layer):
        torch.manual_seed(13)
        model = Model(text.size, Layer)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        losses = []
        for _ in range(count):
            letters, following = pieces(ids, 16, 32)
            loss = F.cross_entropy(model(letters).flatten(0, 1), following.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    loss = learn(nn.GRU)
    loss_rnn = learn(nn.RNN)

    gru = nn.GRU(8, HIDDEN, batch_first=True)
    x = torch.randn(2, 10, 8)
    with torch.no_grad():
        agrees = torch.allclose(states(gru, x), gru(x)[0], atol=1e-6)
    return {"loss": loss, "lossRNN": loss_rnn, "agrees": [int(agrees)]}


if __name__ == "__main__":
    print(run())
