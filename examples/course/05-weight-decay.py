# 5. Weight decay.
import torch
import torch.nn.functional as F
from torch import nn

INPUTS = 200
EXAMPLES = 20


def run(epochs=100):
    torch.manual_seed(5)
    x = torch.randn(EXAMPLES + 100, INPUTS)
    y = x.sum(1, keepdim=True) * 0.01 + 0.05 + torch.randn(EXAMPLES + 100, 1) * 0.01
    train_x, test_x = x.split([EXAMPLES, 100])
    train_y, test_y = y.split([EXAMPLES, 100])

    def train(weight_decay):
        torch.manual_seed(50)
        model = nn.Linear(INPUTS, 1)
        optimizer = torch.optim.SGD([{"params": [model.weight], "weight_decay": weight_decay}, {"params": [model.bias]}], lr=0.003)
        learned, unseen = [], []
        for _ in range(epochs):
            for i in range(0, EXAMPLES, 5):
                loss = F.mse_loss(model(train_x[i:i + 5]), train_y[i:i + 5])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                learned.append(F.mse_loss(model(train_x), train_y).item())
                unseen.append(F.mse_loss(model(test_x), test_y).item())
        return learned, unseen, model.weight.norm().item()

    loss_free, test_free, norm_free = train(0)
    loss, test, norm = train(3)
    return {"loss": loss, "test": test, "lossFree": loss_free, "testFree": test_free, "norms": [norm_free, norm]}


if __name__ == "__main__":
    print(run())
