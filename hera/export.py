"""A base and an adapter as one full model, for programs that take no adapters.

    python -m hera.export merge --adapter out/stage2 --output out/merged
    python -m hera.export merge --model google/gemma-2-2b-it --adapter me/hera-stage1 --output DIR
    python app.py --model DIR

The weights are written in float32, so that the merged model computes what the variant did;
`--dtype bfloat16` takes half the space and rounds them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hera.cli import check_new_folder, run
from hera.errors import ModelError, one_line
from hera.refs import EMBEDDED


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    print(merge(args.model, args.adapter, args.output, args.dtype))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m hera.export", description="Write a variant for other programs."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    into = kinds.add_parser("merge", help="one full model in safetensors")
    into.add_argument(
        "--model", default=EMBEDDED, metavar="REF", help="the base: 'embedded', a Hub id, a folder"
    )
    into.add_argument("--adapter", required=True, metavar="REF", help="the LoRA adapter")
    into.add_argument("--output", required=True, type=Path, metavar="DIR", help="a new folder")
    into.add_argument(
        "--dtype", choices=("float32", "bfloat16"), default="float32", help="of what is written"
    )
    return parser


def merge(model: str, adapter: str, output: Path, dtype: str = "float32") -> str:
    """Write the base with the adapter merged into it: weights, configs, tokenizer, template.

    An adapter made for another base than `model` is merged into its own, as it is served.

    Returns:
        What was written, in a line.

    Raises:
        ConfigError: the output folder is not empty, or no folder.
        ModelError: a base or an adapter that cannot be loaded or merged, or a full disk.
    """
    from safetensors import SafetensorError

    from hera.loading import load_one

    check_new_folder(output)
    tokenizer, whole, own = load_one(model, adapter)
    _untie(whole.get_base_model())
    merged: Any = whole.merge_and_unload()
    _put_tables(merged, own.embeddings, own.head)
    _settle(merged, tokenizer)
    try:
        merged.to(_dtype(dtype)).save_pretrained(output)
        tokenizer.save_pretrained(output)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"--output {output}: cannot be written ({one_line(error)}).") from error
    size = f"{merged.num_parameters() / 1e6:,.1f} million parameters"
    return f"{output}: {size} in {dtype}, {merged.config.vocab_size:,} words."


def _dtype(name: str) -> Any:
    import torch

    return getattr(torch, name)


def _untie(model: Any) -> None:
    """Give the head its own weights, so that what is merged into it leaves the embeddings alone."""
    head = model.get_output_embeddings()
    head = getattr(head, "base_layer", head)
    head.weight = type(head.weight)(head.weight.detach().clone(), requires_grad=False)
    model.config.tie_word_embeddings = False


def _put_tables(model: Any, embeddings: Any, head: Any) -> None:
    """The variant's own tables in place of the base's; tied again where they are the same."""
    import torch

    words, out = model.get_input_embeddings(), model.get_output_embeddings()
    for layer, table in ((words, embeddings), (out, head)):
        if table is not None:
            layer.weight = torch.nn.Parameter(table, requires_grad=False)
    if len(words.weight) != len(out.weight):
        raise ModelError(
            f"The adapter has {len(words.weight):,} embeddings, but {len(out.weight):,} rows in "
            "its output head: no full model holds both."
        )
    words.num_embeddings = out.out_features = len(words.weight)
    tied = torch.equal(words.weight, out.weight)
    if tied:
        out.weight = words.weight
    model.config.tie_word_embeddings = tied
    model.config.vocab_size = model.vocab_size = len(words.weight)


def _settle(model: Any, tokenizer: Any) -> None:
    """The ids of both configs, as the variant's tokenizer has them."""
    from hera.prompts import turn_end_ids

    for config in (model.config, model.generation_config):
        config.eos_token_id = turn_end_ids(tokenizer)
        config.bos_token_id = tokenizer.bos_token_id
        config.pad_token_id = tokenizer.pad_token_id


if __name__ == "__main__":
    sys.exit(run(main))
