"""A variant's own words and turns, where an adapter brings others than its base has."""

from __future__ import annotations

from typing import Any

from transformers import AutoTokenizer

from hera.errors import ModelError, one_line
from hera.refs import Ref
from hera.weights.adapters import Adapter


def own_tokenizer(ref: Ref, standard: Any) -> Any:
    """An adapter's tokenizer: its own where vocabulary or chat template differ, else `standard`,
    its base's.

    Raises:
        ModelError: its tokenizer cannot be read.
    """
    if not any(ref.file(name) for name in ("tokenizer.json", "tokenizer_config.json")):
        return standard
    try:
        own = AutoTokenizer.from_pretrained(ref.folder())
    except Exception as error:  # transformers raises what its many loaders raise
        text = f"{ref.says}: its tokenizer cannot be loaded ({one_line(error)})."
        raise ModelError(text) from error
    template = own.chat_template or standard.chat_template
    if own.get_vocab() == standard.get_vocab() and template == standard.chat_template:
        return standard
    own.chat_template = template
    return own


def check_vocabulary(adapter: Adapter, tokenizer: Any, standard: Any, base_rows: int) -> None:
    """Raises ModelError unless the variant's tokenizer writes only ids that it has rows for."""
    own = adapter.tables.embeddings
    if own is None and tokenizer is standard:
        return
    rows = base_rows if own is None else len(own)
    if tokenizer is standard and rows > base_rows:
        raise ModelError(
            f"{adapter.ref.says}: its vocabulary has {rows:,} rows, the base's {base_rows:,}, but "
            "no tokenizer there knows the new words. Add its tokenizer's files."
        )
    needed = max(tokenizer.get_vocab().values()) + 1
    if needed > rows:
        raise ModelError(
            f"{adapter.ref.says}: its tokenizer has {needed:,} tokens, but its embeddings {rows:,} "
            "rows: the adapter was saved without its embeddings."
        )
