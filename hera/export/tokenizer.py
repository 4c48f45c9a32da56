"""A merged model's tokenizer, as transformers reads it and as other programs do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hera.errors import one_line
from hera.refs import Ref

_PIECES = "tokenizer.model"  # SentencePiece's own file; llama.cpp converts a Gemma from it alone
_ADDED = "added_tokens.json"  # where llama.cpp looks for the tokens that it lacks


def save_tokenizer(tokenizer: Any, sources: Iterable[Ref], folder: Path) -> None:
    """Write the tokenizer to `folder`, with the first SentencePiece file of the sources that holds
    its words; `save_pretrained` leaves that out, and transformers never reads it again."""
    tokenizer.save_pretrained(folder)
    for ref in sources:
        path = ref.file(_PIECES)
        if path is None:
            continue
        lacking = _lacking(path, ref, tokenizer)
        if lacking is None:
            continue
        shutil.copyfile(path, folder / _PIECES)
        if lacking:
            text = json.dumps(lacking, indent=2, ensure_ascii=False) + "\n"
            (folder / _ADDED).write_text(text, encoding="utf-8")
        return


def _lacking(path: Path, ref: Ref, tokenizer: Any) -> dict[str, int] | None:
    """The tokens with their ids that a SentencePiece file does not hold, or None, and a note that
    says so, where its words are not the tokenizer's."""
    from sentencepiece import SentencePieceProcessor

    try:
        pieces = SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        _say(f"{ref}: its {_PIECES} is left out, since it cannot be read ({one_line(error)})")
        return None
    words = {i: word for word, i in tokenizer.get_vocab().items()}
    added = {i: token.content for i, token in tokenizer.added_tokens_decoder.items()}
    held = {i: pieces.id_to_piece(i) for i in range(pieces.vocab_size())}
    if any(words.get(i) != piece for i, piece in held.items() if i not in added):
        _say(f"{ref}: its {_PIECES} is left out, since its words are not the tokenizer's")
        return None
    return {word: i for i, word in sorted(added.items()) if held.get(i) != word}


def _say(note: str) -> None:
    print(f"note: {note}.", file=sys.stderr)
