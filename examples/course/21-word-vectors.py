# 21. Word vectors.
import torch
import torch.nn.functional as F
from torch import nn

WORDS = 24
KINDS = 3
KIND = WORDS // KINDS


def sentences(count):
    kind = torch.randint(0, KINDS, (count,)) * KIND
    return torch.stack([torch.randint(0, 3, (count,)) + kind, torch.randint(3, 5, (count,)) + kind, torch.randint(5, 8, (count,)) + kind], 1)


def pairs(ids):
    a, b, c = ids.unbind(1)
    def both(x, y):
        return [torch.stack([x, y], 1), torch.stack([y, x], 1)]
    return torch.cat([*both(a, b), *both(b, c), *both(a, c)])


def run(count=300):
    torch.manual_seed(21)
    center = nn.Embedding(WORDS, 16)
    context = nn.Embedding(WORDS, 16)
    for embedding in [center, context]:
        nn.init.uniform_(embedding.weight, -0.1, 0.1)
    optimizer = torch.optim.Adam([*center.parameters(), *context.parameters()], lr=0.01)

    corpus = sentences(2000)
    frequency = torch.zeros(WORDS).index_add(0, corpus.flatten(), torch.ones(corpus.numel())).pow(0.75)

    losses = []
    for _ in range(count):
        near = pairs(corpus[torch.randint(0, 2000, (32,))])
        word, neighbor = near.unbind(1)
        strangers = torch.multinomial(frequency, len(near) * 4, True).view(len(near), 4)
        candidates = torch.cat([neighbor.unsqueeze(1), strangers], 1)
        scores = context(candidates).bmm(center(word).unsqueeze(2)).squeeze(2)
        is_neighbor = torch.cat([torch.ones(len(near), 1), torch.zeros(len(near), 4)], 1)
        error = F.binary_cross_entropy_with_logits(scores, is_neighbor)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        losses.append(error.item())

    with torch.no_grad():
        directions = F.normalize(center.weight, dim=1)
        likeness = directions @ directions.t()
    return {"loss": losses, "likeness": likeness.flatten().tolist()}


if __name__ == "__main__":
    print(run())
