"""Writes examples/models/voice.wav: two spoken phrases of vowels with pauses, made from a glottal pulse through formants.

    python test/models/record/voice.py examples/models/voice.wav
"""

import sys
import wave

import numpy as np

RATE = 16000
# Frequencies of the first four formants in Hz; how wide each is.
FORMANTS = {
    "a": [730, 1090, 2440, 3400],
    "e": [530, 1840, 2480, 3500],
    "i": [270, 2290, 3010, 3700],
    "o": [570, 840, 2410, 3300],
    "u": [300, 870, 2240, 3300],
    "m": [250, 1000, 2200, 3200],
}
WIDTHS = [60, 90, 140, 200]
# A letter and its seconds; "s" is a hiss, "." is silence.
PHRASE = [(".", 0.4), ("m", 0.08), ("a", 0.18), ("i", 0.12), ("s", 0.1), ("e", 0.16), ("m", 0.07), ("o", 0.22), (".", 0.55)]
SECOND = [("u", 0.12), ("a", 0.2), ("m", 0.08), ("i", 0.2), ("s", 0.12), ("o", 0.15), ("e", 0.25), (".", 0.4)]


def tracks(phrase):
    """For each sample the formants, how loud the voice and the hiss are; letters glide into each other."""
    formants, voiced, hiss = [], [], []
    last = FORMANTS["a"]
    for letter, seconds in phrase:
        n = round(seconds * RATE)
        last = FORMANTS.get(letter, last)
        formants += [last] * n
        voiced += [{".": 0.0, "s": 0.0, "m": 0.4}.get(letter, 1.0)] * n
        hiss += [0.25 if letter == "s" else 0.0] * n
    smooth = np.hanning(round(0.04 * RATE))
    smooth /= smooth.sum()
    glide = lambda track: np.convolve(np.pad(track, len(smooth) // 2, mode="edge"), smooth, mode="same")[len(smooth) // 2 :][: len(track)]
    return np.stack([glide(f) for f in np.array(formants, float).T], 1), glide(np.array(voiced)), glide(np.array(hiss))


def voice(phrase, seed, pitch):
    formants, voiced, hiss = tracks(phrase)
    n = len(voiced)
    t = np.arange(n) / RATE
    random = np.random.default_rng(seed)
    wobble = np.cumsum(random.normal(0, 1, n)) / RATE
    f0 = pitch * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t) - 0.06 * t / t[-1] + 0.02 * np.sin(2 * np.pi * 5 * t) + wobble)
    phase = np.cumsum(f0 / RATE) % 1
    # A glottal pulse: it opens slowly and closes at once.
    flow = np.where(phase < 0.6, 0.5 - 0.5 * np.cos(np.pi * phase / 0.4), 0) * (phase < 0.55)
    source = np.diff(flow, prepend=0) * 8 * voiced + random.normal(0, 1, n) * (0.02 * voiced)
    out = source
    for k, width in enumerate(WIDTHS):
        r = np.exp(-np.pi * width / RATE)
        a1, a2 = 2 * r * np.cos(2 * np.pi * formants[:, k] / RATE), -r * r
        y = np.zeros(n + 2)
        gain = 1 - a1 - a2
        for i in range(n):
            y[i] = gain[i] * out[i] + a1[i] * y[i - 1] + a2 * y[i - 2]
        out = y[:n]
    noise = np.diff(random.normal(0, 1, n), prepend=0) * hiss * 0.3
    return out / np.abs(out).max() * 0.6 + noise + random.normal(0, 0.0008, n)


def main(path):
    samples = np.concatenate([voice(PHRASE, 1, 118.0), voice(SECOND, 2, 195.0)])
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main(sys.argv[1])
