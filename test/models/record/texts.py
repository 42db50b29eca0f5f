"""What the recorders tokenize and embed."""

SENTENCES = [
    "How do I save a trained model to a file?",
    "Weights are written with save() and read again with load().",
    "The cat sat on the mat.",
    "A gradient flows backwards through every operation that was recorded on the tape.",
    "Ça va très bien, merci — et toi?",
    "",
]

TEXTS = [
    "Hello, world!",
    "UPPER lower MiXeD",
    "naïve café, Ångström, Übergröße",
    "e\u0301 and é are one; n\u0303o",
    "unbelievably antidisestablishmentarianism",
    "x.matmul(y).softmax(-1)  # PyTorch's way",
    "tabs\tand\nnew\r\nlines   and spaces ",
    "中文字符 mixed 日本語 한국어",
    "emoji 🙂 and 👩‍🔬",
    "control\u0000\u0001\u007f\ufffdcharacters\u00ad\u200b",
    "no-break\u00a0space \u2003em \u3000ideographic",
    "don't stop: 3.14 $5 50% a_b a+b [x] {y} ^z `w` ~v",
    "“quotes” ‘single’ … – — •",
    "İstanbul ǅ ſ ﬁ ß ẞ",
    "a" * 101 + " " + "b" * 99,
    "[CLS] literal [SEP] and [MASK] tokens [UNK][PAD]",
    "Привет мир, Γειά σου Κόσμε ΣΑΣ, שלום, مرحبا, नमस्ते, สวัสดี",
    "\U0001d54f \u2163 \u00bd x\u00b2 \u20ac",
    "",
    "   ",
]
