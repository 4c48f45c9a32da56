"""A model's tokenizer and chat template, as llama.cpp reads them from a GGUF file.

Two kinds are known: byte-pair merges over pieces with "▁" for a space (Gemma's, which llama.cpp
calls "llama"), and byte-level ones (GPT-2's), cut into words in one of two ways.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from gguf import GGUFWriter, TokenType

from hera.errors import ModelError
from hera.refs import Ref
from hera.rendering import render, turn_end_ids
from hera.rendering.tokens import beginning

_SPACE = "▁"
_TO_PIECES = {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE}
_BYTES = {"add_prefix_space": False, "trim_offsets": True, "use_regex": True, "type": "ByteLevel"}
_DIGITS = {"type": "Digits", "individual_digits": True}
_WORDS = {
    json.dumps(_BYTES, sort_keys=True): "gpt-2",
    json.dumps({"type": "Sequence", "pretokenizers": [_DIGITS, _BYTES]}, sort_keys=True): "smollm",
}
"""How byte-level tokenizers cut words, and what llama.cpp calls that."""


def add_tokenizer(writer: GGUFWriter, ref: Ref, tokenizer: Any, rows: int) -> None:
    """Add a tokenizer with its chat template, and as many tokens as the embeddings have rows.

    Raises:
        ModelError: it cuts text in a way that is not known to be llama.cpp's.
    """
    told = json.loads(tokenizer.backend_tokenizer.to_str()) if tokenizer.is_fast else {}
    if told.get("model", {}).get("type") != "BPE" or told["model"].get("ignore_merges"):
        _refuse(ref, tokenizer)
    vocabulary = {i: word for word, i in tokenizer.get_vocab().items()}
    if max(vocabulary) >= rows:
        raise ModelError(f"{ref.says}: {max(vocabulary) + 1:,} tokens, {rows:,} embeddings.")
    if told["normalizer"] == _TO_PIECES:
        _add_pieces(writer, ref, told, rows)
    else:
        _add_bytes(writer, ref, tokenizer, told)
    added = {entry["id"]: entry["special"] for entry in told["added_tokens"]}
    kinds = [_kind(i, vocabulary.get(i), added) for i in range(rows)]
    # What stands for a space is one in the tokens that are looked for in the text as it is.
    words = [vocabulary.get(i, f"[PAD{i}]") for i in range(rows)]
    user = TokenType.USER_DEFINED
    writer.add_token_list(
        [w.replace(_SPACE, " ") if k is user else w for w, k in zip(words, kinds, strict=True)]
    )
    writer.add_token_types(kinds)
    _add_special(writer, ref, tokenizer)


def _add_pieces(writer: GGUFWriter, ref: Ref, told: dict[str, Any], rows: int) -> None:
    """llama.cpp joins the two neighbours whose piece has the highest score, transformers those that
    come first in a list: the same where that list goes by the pieces' ids."""
    vocabulary = told["model"]["vocab"]
    made = [vocabulary["".join(pair)] for pair in told["model"]["merges"]]
    if made != sorted(made) or not told["model"]["byte_fallback"]:
        raise ModelError(f"{ref.says}: a tokenizer whose merges do not go by its tokens' ids.")
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_scores([-float(i) for i in range(rows)])
    writer.add_add_space_prefix(False)


def _add_bytes(writer: GGUFWriter, ref: Ref, tokenizer: Any, told: dict[str, Any]) -> None:
    words = _WORDS.get(json.dumps(told["pre_tokenizer"], sort_keys=True))
    if told["normalizer"] is not None or words is None:
        _refuse(ref, tokenizer)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words)
    writer.add_token_merges([" ".join(pair) for pair in told["model"]["merges"]])


def _kind(i: int, word: str | None, added: dict[int, bool]) -> TokenType:
    if word is None:
        return TokenType.UNUSED
    if i in added:
        return TokenType.CONTROL if added[i] else TokenType.USER_DEFINED
    is_byte = len(word) == 6 and word.startswith("<0x") and word.endswith(">")
    return TokenType.BYTE if is_byte else TokenType.NORMAL


def _add_special(writer: GGUFWriter, ref: Ref, tokenizer: Any) -> None:
    ids = {kind: getattr(tokenizer, f"{kind}_token_id") for kind in ("bos", "eos", "pad", "unk")}
    begins = list(beginning(tokenizer))
    if len(begins) > 1:
        raise ModelError(f"{ref.says}: begins every text with {begins}, which GGUF does not hold.")
    ids["bos"] = begins[0] if begins else ids["bos"]
    for kind, token in ids.items():
        if token is not None:
            getattr(writer, f"add_{kind}_token_id")(token)
    for token in turn_end_ids(tokenizer):
        if token != ids["eos"]:
            writer.add_eot_token_id(token)
    writer.add_add_bos_token(adds_bos(tokenizer))
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def adds_bos(tokenizer: Any) -> bool:
    """Whether llama.cpp is to begin with BOS: one setting for texts and for conversations, which
    are what people ask with."""
    asked = render(tokenizer, [{"role": "user", "content": "Does rest help?"}])
    return asked[:1] == list(beginning(tokenizer))


def _refuse(ref: Ref, tokenizer: Any) -> NoReturn:
    raise ModelError(
        f"{ref.says}: a {type(tokenizer).__name__} that cuts text as none that HERA writes as GGUF."
    )
