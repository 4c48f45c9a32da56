"""Tokenizers and chat templates of the kinds that people publish, made from the embedded one."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from hera.refs import EMBEDDED_DIR
from tests.doubles.miniatures import CHATML

_ROLES = "{% set who = 'model' if m['role'] == 'assistant' else m['role'] %}"
_ASK = "{% if add_generation_prompt %}"
TEMPLATES = {
    "chatml": CHATML,
    # A list of parts, of a picture as well: a text has none.
    "parts": "{{ bos_token }}{% for m in messages %}" + _ROLES + "<start_of_turn>{{ who }}\n"
    "{% for c in m['content'] %}{% if c['type'] == 'text' %}{{ c['text'] | trim }}{% endif %}"
    "{% endfor %}<end_of_turn>\n{% endfor %}" + _ASK + "<start_of_turn>model\n{% endif %}",
    # No control token but BOS and EOS: words alone begin a turn.
    "instruct": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}"
    "[INST] {{ m['content'] }} [/INST]{% else %} {{ m['content'] | trim }}{{ eos_token }}"
    "{% endif %}{% endfor %}",
    "words": "{% for m in messages %}{% if m['role'] == 'system' %}{{ m['content'] }}\n\n"
    "{% elif m['role'] == 'user' %}### Question:\n{{ m['content'] }}\n\n"
    "{% else %}### Answer:\n{{ m['content'] }}\n\n{% endif %}{% endfor %}"
    + _ASK
    + "### Answer:\n{% endif %}",
    # What an earlier answer thought is dropped, and an answer begins with an empty thought.
    "thinking": "{{ bos_token }}{% for m in messages %}" + _ROLES + "<start_of_turn>{{ who }}\n"
    "{% if m['role'] == 'assistant' and not loop.last %}"
    "{{ m['content'].split('</think>')[-1].lstrip('\\n') }}"
    "{% else %}{{ m['content'] }}{% endif %}<end_of_turn>\n{% endfor %}"
    + _ASK
    + "<start_of_turn>model\n<think>\n\n</think>\n\n{% endif %}",
}
"""Chat templates by name; "gemma" is the embedded tokenizer's own."""


def embedded() -> Any:
    """SentencePiece with bytes for what it does not know: Gemma's."""
    return AutoTokenizer.from_pretrained(EMBEDDED_DIR)


def spaced() -> Any:
    """As Llama 2's: a space is put before every piece between two control tokens, and an EOS after
    a text."""
    tokenizer = embedded()
    inner = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    inner.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    inner.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 2), ("<eos>", 1)]
    )
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>"}
    made = PreTrainedTokenizerFast(tokenizer_object=inner, **names)
    made.add_special_tokens({"additional_special_tokens": ["<start_of_turn>", "<end_of_turn>"]})
    return made


def byte_level(*, mends: bool = False) -> Any:
    """As GPT-2's, from a few words; `mends` makes wide letters narrow first, as NFKC does, also in
    the names of its control tokens."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    if mends:
        inner.normalizer = normalizers.NFKC()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    inner.train_from_iterator(["What is asthma? Asthma is a disease of the airways."] * 9, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>")
    names = ["<start_of_turn>", "<end_of_turn>"]
    made.add_tokens(names, special_tokens=not mends)
    return made


def words_only() -> Any:
    """No bytes: what is not among its few letters becomes <unk>, or vanishes."""
    inner = Tokenizer(models.BPE(unk_token=None))
    trainer = BpeTrainer(vocab_size=200, special_tokens=["<bos>", "<eos>"], show_progress=False)
    inner.train_from_iterator(["what is asthma? a disease of the airways."] * 9, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<bos>", eos_token="<eos>")


TOKENIZERS = {
    "embedded": embedded,
    "spaced": spaced,
    "byte-level": byte_level,
    "mending": lambda: byte_level(mends=True),
}


def made(tokenizer: str, template: str) -> Any:
    """One of the tokenizers with one of the templates (or "gemma")."""
    one = TOKENIZERS[tokenizer]()
    one.chat_template = embedded().chat_template if template == "gemma" else TEMPLATES[template]
    return one
