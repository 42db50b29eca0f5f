# 19. A variational autoencoder.
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from data import digits

SIDE = 14
LATENT = 8


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(SIDE * SIDE, 128), nn.ReLU(), nn.Linear(128, 2 * LATENT))
        self.decoder = nn.Sequential(nn.Linear(LATENT, 128), nn.ReLU(), nn.Linear(128, SIDE * SIDE))

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, 1)
        z = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


def run(epochs=20, count=2000):
    torch.manual_seed(19)
    images, labels = digits("train", count).tensors
    small = F.avg_pool2d(images, 2).flatten(1)
    loader = DataLoader(TensorDataset(small, labels), batch_size=100, shuffle=True)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    history = {"loss": [], "reconstruction": [], "divergence": []}

    for _ in range(epochs):
        lost = far = 0
        for batch, _ in loader:
            logits, mean, log_variance = model(batch)
            reconstruction = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum") / 100
            divergence = (mean.square() + log_variance.exp() - log_variance - 1).sum() / (2 * 100)
            loss = reconstruction + divergence
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            lost += reconstruction.item()
            far += divergence.item()
        history["reconstruction"].append(lost / len(loader))
        history["divergence"].append(far / len(loader))
        history["loss"].append((lost + far) / len(loader))
    with torch.no_grad():
        drawn = model.decoder(torch.randn(8, LATENT)).sigmoid()
    return {**history, "drawn": drawn.flatten().tolist()}


if __name__ == "__main__":
    print(run())
