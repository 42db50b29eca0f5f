# 20. A policy gradient.
import math

import torch
from torch import nn
from torch.distributions import Categorical


class CartPole:
    def __init__(self):
        self.state = (torch.rand(4) * 0.1 - 0.05).tolist()

    def push(self, to_the_right):
        x, v, angle, spin = self.state
        sin, cos = math.sin(angle), math.cos(angle)
        pull = ((10 if to_the_right else -10) + 0.05 * spin * spin * sin) / 1.1
        turning = (9.8 * sin - cos * pull) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1))
        acceleration = pull - (0.05 * turning * cos) / 1.1
        self.state = [x + 0.02 * v, v + 0.02 * acceleration, angle + 0.02 * spin, spin + 0.02 * turning]
        return abs(self.state[0]) < 2.4 and abs(self.state[2]) < 0.2095


def returns(rewards):
    ahead, found = 0, []
    for reward in reversed(rewards):
        ahead = reward + 0.99 * ahead
        found.insert(0, ahead)
    values = torch.tensor(found)
    return (values - values.mean()) / (values.std() + 1e-6)


def run(episodes=200):
    torch.manual_seed(20)
    policy = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    length, losses = [], []

    for _ in range(episodes):
        world = CartPole()
        log_probs, rewards = [], []
        stands = True
        while stands and len(rewards) < 200:
            choice = Categorical(logits=policy(torch.tensor(world.state)))
            action = choice.sample()
            log_probs.append(choice.log_prob(action))
            stands = world.push(action.item() == 1)
            rewards.append(1.0)
        loss = -(torch.stack(log_probs) * returns(rewards)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        length.append(len(rewards))
    return {"loss": losses, "length": length}


if __name__ == "__main__":
    print(run())
