"""A small tokenizer of Gemma's own kind: SentencePiece BPE with byte fallback, Gemma's control
tokens and chat template, loaded by transformers' `GemmaTokenizer`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

VOCABULARY = 6144
WHOLE_WORDS = ("▁yes", "▁no", "▁maybe")  # labels are scored as single tokens
_NEWLINES = tuple("\n" * n for n in range(1, 5))
_TURNS = ("<start_of_turn>", "<end_of_turn>")

# Gemma 2's template in its published behaviour: no system turn, roles alternate, "model" speaks.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str], folder: Path) -> Any:
    """Train on the texts, write `tokenizer.json`, its config and the template; return it loaded."""
    import sentencepiece
    from transformers import GemmaTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_prefix=str(Path(scratch) / "tokenizer"),
            model_type="bpe",
            vocab_size=VOCABULARY,
            byte_fallback=True,
            split_digits=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            character_coverage=0.9999,
            pad_id=0,
            eos_id=1,
            bos_id=2,
            unk_id=3,
            pad_piece="<pad>",
            eos_piece="<eos>",
            bos_piece="<bos>",
            user_defined_symbols=["<mask>", *_TURNS, *_NEWLINES],
            num_threads=1,
            minloglevel=2,
        )
        tokenizer = GemmaTokenizer.from_pretrained(scratch, add_bos_token=True)
    tokenizer.add_special_tokens({"additional_special_tokens": list(_TURNS)})
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    _forget_scratch_paths(folder / "tokenizer_config.json")
    return GemmaTokenizer.from_pretrained(folder)


def _forget_scratch_paths(config: Path) -> None:
    """Drop what names the machine the tokenizer was trained on."""
    content = json.loads(config.read_text(encoding="utf-8"))
    for key in ("name_or_path", "vocab_file", "is_local", "local_files_only"):
        content.pop(key, None)
    config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
