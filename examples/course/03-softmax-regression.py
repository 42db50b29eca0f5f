# 3. Softmax regression.
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from classifier import accuracy
from data import digits


def softmax(scores):
    exp = (scores - scores.amax(1, keepdim=True)).exp()
    return exp / exp.sum(1, keepdim=True)


def cross_entropy(probabilities, labels):
    return -probabilities.gather(1, labels.unsqueeze(1)).log().mean()


def run(epochs=10, images=2000):
    torch.manual_seed(3)
    scores = torch.tensor([[1.0, 2.0, 3.0]])
    label = torch.tensor([2])
    by_hand = [cross_entropy(softmax(scores), label).item(), F.cross_entropy(scores, label).item()]

    train, test = digits("train", images), digits("t10k", images // 2)
    loader = DataLoader(train, batch_size=64, shuffle=True)
    linear = nn.Linear(784, 10)
    model = nn.Sequential(nn.Flatten(), linear)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = {"loss": [], "test": []}

    for _ in range(epochs):
        total = 0
        for inputs, labels in loader:
            loss = cross_entropy(softmax(model(inputs)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        history["loss"].append(total / len(loader))
        history["test"].append(accuracy(model, test))
    guesses = torch.zeros(10).index_add(0, model(test.tensors[0]).argmax(1), torch.ones(len(test)))
    return {**history, "byHand": by_hand, "guesses": guesses.tolist()}


if __name__ == "__main__":
    print(run())
