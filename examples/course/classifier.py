# The loop of chapter 3, which the later chapters about digits share: train for an epoch, then test.
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader


@torch.no_grad()
def accuracy(model, dataset):
    model.eval()
    correct = 0
    for images, labels in DataLoader(dataset, batch_size=256):
        correct += (model(images).argmax(1) == labels).sum().item()
    model.train()
    return correct / len(dataset)


def fit(model, optimizer, train, test, epochs):
    loader = DataLoader(train, batch_size=64, shuffle=True)
    history = {"loss": [], "train": [], "test": []}
    for _ in range(epochs):
        total = 0
        for images, labels in loader:
            loss = F.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        history["loss"].append(total / len(train))
        history["train"].append(accuracy(model, train))
        history["test"].append(accuracy(model, test))
    return history
