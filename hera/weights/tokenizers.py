"""A variant's own words and turns, where an adapter brings others than its base has."""

from __future__ import annotations

from typing import Any

from transformers import AutoTokenizer

from hera.errors import HeraError, InputError, ModelError, one_line
from hera.refs import Ref
from hera.rendering import render
from hera.weights.gguf import gguf_behind, unpacked
from hera.weights.tables import Tables


def load_tokenizer(ref: Ref) -> Any:
    """A base's tokenizer alone: none of its weights is read.

    Raises:
        ModelError: it cannot be had, or its chat template renders no question.
    """
    file = gguf_behind(ref)
    try:
        if file is None:
            tokenizer = AutoTokenizer.from_pretrained(unpacked(ref).folder())
        else:
            tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    except HeraError:
        raise
    except Exception as error:  # transformers raises what its many loaders raise
        raise ref.cannot_load(error) from error
    check_template(ref, tokenizer)
    return tokenizer


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


def check_template(ref: Ref, tokenizer: Any) -> None:
    """Raises ModelError if the chat template, where there is one, cannot render a question."""
    if tokenizer.chat_template:
        try:
            render(tokenizer, [{"role": "user", "content": "Does rest help?"}])
        except InputError as error:
            raise ModelError(f"{ref.says}: {error}") from error


def check_vocabulary(
    ref: Ref, tables: Tables, tokenizer: Any, standard: Any, base_rows: int
) -> int:
    """How many rows the variant's embeddings have.

    A token beyond them is none that a prompt can hold if it is special and no part of the chat
    template (a padding token that was added without growing the embeddings, say).

    Raises:
        ModelError: its tokenizer writes ids that it has no rows for.
    """
    own = tables.embeddings
    rows = base_rows if own is None else len(own)
    if tokenizer is standard:
        if rows > base_rows:
            raise ModelError(
                f"{ref.says}: its vocabulary has {rows:,} rows, the base's {base_rows:,}, "
                "but no tokenizer there knows the new words. Add its tokenizer's files."
            )
        return rows
    template = str(tokenizer.chat_template)
    ending = {tokenizer.bos_token_id, tokenizer.eos_token_id}
    beyond = {i: token for i, token in tokenizer.added_tokens_decoder.items() if i >= rows}
    written = [i for i, t in beyond.items() if not t.special or t.content in template]
    plain = [i for i in tokenizer.get_vocab().values() if i >= rows and i not in beyond]
    if written or plain or ending & set(beyond):
        needed = max(tokenizer.get_vocab().values()) + 1
        raise ModelError(
            f"{ref.says}: its tokenizer has {needed:,} tokens, but its embeddings {rows:,} "
            "rows: the adapter was saved without its embeddings."
        )
    return rows
