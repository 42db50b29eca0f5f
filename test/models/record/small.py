"""Records what npm test compares without the packages: tokenizers with small vocabularies, the models with weights drawn from a seed.

    python test/models/record/small.py > test/models/small.json
"""

import base64
import io
import json
import zipfile

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from encoding import listed
from texts import SENTENCES, TEXTS
from twins import Crepe, Graphemes, MiniLM, SileroVad, VoiceEncoder

torch.set_num_threads(1)
torch.set_grad_enabled(False)

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = ["hello", "world", "un", "##believ", "##ably", "gradient", "the", "cat", "sat", "on", "mat", "save", "load", "##s", "cafe", "istanbul", "中", "σας", "σασ"]


def wordpiece():
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?-'()[]"
    vocabulary = SPECIAL + PIECES + list(letters) + ["##" + letter for letter in letters[:36]]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(vocabulary)}, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.enable_truncation(30)
    return vocabulary, tokenizer


def byte_pairs():
    """Pairs that are frequent in the texts, most frequent first."""
    words = [list("▁" + text.replace(" ", "▁")) for text in TEXTS + SENTENCES]
    pieces = ["<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)] + sorted({c for word in words for c in word if " " < c < "\u0250" or c == "▁"})
    merges = []
    for _ in range(60):
        pairs = {}
        for word in words:
            for pair in zip(word, word[1:]):
                if pair[0] in pieces and pair[1] in pieces:
                    pairs[pair] = pairs.get(pair, 0) + 1
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        pieces.append("".join(best))
        for word in words:
            i = 0
            while i + 1 < len(word):
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = ["".join(best)]
                i += 1
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return vocabulary, merges, tokenizer


def minilm(vocabulary, tokenizer):
    torch.manual_seed(0)
    sizes = {"words": len(vocabulary), "positions": 32, "width": 16, "layers": 2, "heads": 2, "inner": 32}
    model = MiniLM(**sizes).eval()
    rows = [tokenizer.encode(text).ids for text in SENTENCES]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    return {"sizes": sizes, "sentences": SENTENCES, "embeddings": listed(model(ids, (torch.arange(width) < torch.tensor([[len(row)] for row in rows])).long()))}


def drawn(seed, make, *shape):
    """The output of a model for uniform numbers, both drawn from the seed."""
    torch.manual_seed(seed)
    model = make().eval()
    return {"seed": seed, "shape": list(shape), "out": listed(model(torch.rand(*shape)))}


def graphemes(seed):
    torch.manual_seed(seed)
    phonemes, logits = Graphemes().eval()(torch.tensor([3, 4, 5, 2]))
    return {"seed": seed, "phonemes": phonemes, "logits": listed(logits)}


def wheel():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("stored.txt"), "as it is", zipfile.ZIP_STORED)
        archive.writestr(zipfile.ZipInfo("folder/deflated.txt"), "again and " * 50, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("empty.txt"), "", zipfile.ZIP_DEFLATED)
        archive.comment = b"a comment"
    return base64.b64encode(file.getvalue()).decode()


vocabulary, tokenizer = wordpiece()
pieces, merges, pairs = byte_pairs()
small = {
    "wordpiece": {"vocabulary": vocabulary, "texts": TEXTS, "ids": [tokenizer.encode(text).ids for text in TEXTS]},
    "bytePairs": {"vocab": pieces, "merges": merges, "texts": TEXTS, "ids": [pairs.encode(text).ids for text in TEXTS]},
    "minilm": minilm(vocabulary, tokenizer),
    "silero": drawn(1, SileroVad, 1500),
    "crepe": drawn(2, Crepe, 2, 1024),
    "voiceEncoder": drawn(3, VoiceEncoder, 2, 20, 40),
    "graphemes": graphemes(4),
    "wheel": wheel(),
}
print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in small.items()) + "\n}")
