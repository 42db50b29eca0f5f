"""The models of examples/models in PyTorch, drawn in the same order, so that a seed gives both the same weights."""

import torch
from torch import nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, x, mask):
        n, t, c = x.shape
        q, k, v = (f(x).view(n, t, self.heads, c // self.heads).transpose(1, 2) for f in (self.query, self.key, self.value))
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(n, t, c)


class Output(nn.Module):
    def __init__(self, inner, width, eps):
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, eps=eps)

    def forward(self, x, residual):
        return self.LayerNorm(self.dense(x) + residual)


class Dense(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.dense = nn.Linear(width, inner)

    def forward(self, x):
        return self.dense(x)


class Attention(nn.Module):
    def __init__(self, width, heads, eps):
        super().__init__()
        self.self = SelfAttention(width, heads)
        self.output = Output(width, width, eps)

    def forward(self, x, mask):
        return self.output(self.self(x, mask), x)


class Layer(nn.Module):
    def __init__(self, width, heads, inner, eps):
        super().__init__()
        self.attention = Attention(width, heads, eps)
        self.intermediate = Dense(width, inner)
        self.output = Output(inner, width, eps)

    def forward(self, x, mask):
        x = self.attention(x, mask)
        return self.output(F.gelu(self.intermediate(x)), x)


class Embeddings(nn.Module):
    def __init__(self, words, positions, width, eps):
        super().__init__()
        self.word_embeddings = nn.Embedding(words, width, padding_idx=0)
        self.position_embeddings = nn.Embedding(positions, width)
        self.token_type_embeddings = nn.Embedding(2, width)
        self.LayerNorm = nn.LayerNorm(width, eps=eps)
        self.register_buffer("position_ids", torch.arange(positions).unsqueeze(0))

    def forward(self, ids):
        places = self.position_embeddings(self.position_ids[:, : ids.shape[1]])
        return self.LayerNorm(self.word_embeddings(ids) + places + self.token_type_embeddings.weight[0])


class Encoder(nn.Module):
    def __init__(self, layers, width, heads, inner, eps):
        super().__init__()
        self.layer = nn.ModuleList(Layer(width, heads, inner, eps) for _ in range(layers))

    def forward(self, x, mask):
        for layer in self.layer:
            x = layer(x, mask)
        return x


class MiniLM(nn.Module):
    def __init__(self, words=30522, positions=512, width=384, layers=6, heads=12, inner=1536, eps=1e-12):
        super().__init__()
        self.embeddings = Embeddings(words, positions, width, eps)
        self.encoder = Encoder(layers, width, heads, inner, eps)
        self.pooler = Dense(width, width)

    def forward(self, ids, mask):
        x = self.encoder(self.embeddings(ids), mask.bool()[:, None, None, :])
        weight = mask.to(x.dtype).unsqueeze(-1)
        return F.normalize((x * weight).sum(1) / weight.sum(1).clamp(min=1e-9), dim=1)


class SileroVad(nn.Module):
    def __init__(self):
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
        self.conv1 = nn.Conv1d(129, 128, 3, padding=1)
        self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.conv4 = nn.Conv1d(64, 128, 3, padding=1)
        self.lstm_cell = nn.LSTMCell(128, 128)
        self.final_conv = nn.Conv1d(128, 1, 1)

    def features(self, frames):
        x = self.stft_conv(F.pad(frames, (0, 64), mode="reflect").unsqueeze(1))
        x = (x[:, :129] ** 2 + x[:, 129:] ** 2).sqrt()
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = conv(x).relu()
        return x.squeeze(-1)

    def forward(self, audio):
        count = -(-len(audio) // 512)
        padded = F.pad(audio, (64, count * 512 - len(audio)))
        features = self.features(padded.unfold(0, 576, 512))
        state, out = None, []
        for row in features:
            state = self.lstm_cell(row.unsqueeze(0), state)
            out.append(self.final_conv(state[0].relu().unsqueeze(-1)).sigmoid().reshape(()))
        return torch.stack(out)


class Crepe(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 128, 16, 16, 16, 32, 64]
        for i in range(6):
            kernel, stride = (512, 4) if i == 0 else (64, 1)
            setattr(self, f"conv{i + 1}", nn.Conv2d(widths[i], widths[i + 1], (kernel, 1), (stride, 1)))
            setattr(self, f"conv{i + 1}_BN", nn.BatchNorm2d(widths[i + 1], eps=0.0010000000474974513, momentum=0.0))
        self.classifier = nn.Linear(256, 360)

    def forward(self, frames):
        x = frames[:, None, :, None]
        for i in range(6):
            x = F.pad(x, (0, 0, 254, 254) if i == 0 else (0, 0, 31, 32))
            x = getattr(self, f"conv{i + 1}_BN")(getattr(self, f"conv{i + 1}")(x).relu())
            x = F.max_pool2d(x, (2, 1), (2, 1))
        return self.classifier(x.permute(0, 2, 1, 3).reshape(-1, 256)).sigmoid()


class VoiceEncoder(nn.Module):
    def __init__(self, channels=40, width=256, layers=3):
        super().__init__()
        self.similarity_weight = nn.Parameter(torch.tensor([10.0]))
        self.similarity_bias = nn.Parameter(torch.tensor([-5.0]))
        self.lstm = nn.LSTM(channels, width, layers, batch_first=True)
        self.linear = nn.Linear(width, width)

    def forward(self, mels):
        _, (hidden, _) = self.lstm(mels)
        return F.normalize(self.linear(hidden[-1]).relu(), dim=1)


class Graphemes(nn.Module):
    """g2p-en: a word's letters through a GRU, its phonemes from another."""

    def __init__(self, letters=29, phonemes=74, width=256):
        super().__init__()
        self.letters = nn.Embedding(letters, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.phonemes = nn.Embedding(phonemes, width)
        self.decoder = nn.GRUCell(width, width)
        self.out = nn.Linear(width, phonemes)

    def forward(self, ids, limit=20):
        """Indices of phonemes up to the end, and the logits of each step."""
        _, hidden = self.encoder(self.letters(ids.unsqueeze(0)))
        hidden, last, found, logits = hidden[0], 2, [], []
        for _ in range(limit):
            hidden = self.decoder(self.phonemes(torch.tensor([last])), hidden)
            logits.append(self.out(hidden)[0])
            last = int(logits[-1].argmax())
            if last == 3:
                break
            found.append(last)
        return found, torch.stack(logits)
