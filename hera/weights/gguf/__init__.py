"""A GGUF file as a base: converted once into a folder of safetensors, which loads ten times faster.

transformers reads the file and undoes its quantization; the folder holds what came of it in
bfloat16, or in float32 where the file does. It lies in Hugging Face's own cache folder (`HF_HOME`),
under the file's sha256, and is made anew by another version of transformers.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hera.errors import ModelError, one_line
from hera.refs import SMOLLM2, Ref
from hera.weights import smollm2
from hera.weights.files import check_not_pointer

_MAGIC = b"GGUF"


def unpacked(ref: Ref) -> Ref:
    """The REF of a base with where its folder is, if it is a GGUF file, or `smollm2`; any other REF
    as it is.

    Raises:
        ModelError: no such file, no GGUF file, one that is cut short or of a kind that transformers
            does not read; or it can be had nowhere.
    """
    if ref.unpacked is not None:
        return ref
    place = _place(ref)
    if place is None:
        return ref
    return replace(ref, unpacked=place if place.is_dir() else converted(ref, place))


def gguf_behind(ref: Ref) -> Path | None:
    """The GGUF file that a base is read from, or None.

    Raises:
        ModelError: no such file, or the base can be had nowhere.
    """
    place = _place(ref)
    return None if place is None or place.is_dir() else place


def _place(ref: Ref) -> Path | None:
    """The GGUF file, or for `smollm2` perhaps a folder in its stead; None for any other REF."""
    if ref.text == SMOLLM2:
        return smollm2.place(ref)
    return ref.gguf_file() if ref.is_gguf else None


def converted(ref: Ref, file: Path) -> Path:
    """The folder that holds what is in the file; see `unpacked`."""
    import transformers
    from huggingface_hub.constants import HF_HOME

    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    name = f"{sha256[:32]}-{transformers.__version__}"
    folder = Path(HF_HOME) / "hera" / "gguf" / name
    if not folder.exists():
        check_not_pointer(ref, file)
        _check_whole(ref, file)
        print(f"{file.name}: converted once, which takes a minute or more ...", file=sys.stderr)
        _convert(ref, file, folder)
    return folder


def _check_whole(ref: Ref, file: Path) -> None:
    """Raises ModelError unless all that the file's own list of tensors names is in it."""
    from gguf import GGUFReader

    with file.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise ModelError(f"{ref.says}: {file.name} is no GGUF file.")
    try:
        GGUFReader(file)
    except Exception as error:  # whatever NumPy says of bytes that are not there
        again = smollm2.again() if ref.text == SMOLLM2 else "Download it again."
        raise ModelError(
            f"{ref.says}: {file.name} is broken or cut short ({one_line(error)}). {again}"
        ) from error


def _convert(ref: Ref, file: Path, folder: Path) -> None:
    """Write what the file holds to `folder`, all of it or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        tokenizer, model = _read(ref, file)
        tokenizer.save_pretrained(part)
        model.save_pretrained(part)
        try:
            part.rename(folder)
        except OSError:  # another process was faster
            if not folder.exists():
                raise
    except OSError as error:
        raise ModelError(f"{ref.says}: cannot be kept in {folder} ({one_line(error)}).") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _read(ref: Ref, file: Path) -> tuple[Any, Any]:
    """(tokenizer, model) as transformers reads them, the model one that can be saved."""
    import torch
    from gguf import GGMLQuantizationType, GGUFReader
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    matrices = [t.tensor_type for t in GGUFReader(file).tensors if len(t.shape) > 1]
    whole = GGMLQuantizationType.F32 in matrices
    if not sys.stderr.isatty():
        disable_progress_bar()
    where, options = str(file.parent), {"gguf_file": file.name, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, **options)
        read = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32, **options)
    except Exception as error:  # transformers raises what its many readers raise
        raise ref.cannot_load(error) from error
    config = read.config
    del config.quantization_config
    _scale_attention(config)
    # What was read calls itself quantized, and such a model cannot be saved.
    model: Any = type(read)(config)
    model.load_state_dict(read.state_dict())
    return tokenizer, model if whole else model.to(torch.bfloat16)


def _scale_attention(config: Any) -> None:
    """A GGUF file does not say it, and transformers takes its default."""
    if config.model_type in ("gemma2", "gemma3_text"):
        config.query_pre_attn_scalar = attention_scale(config)


def attention_scale(config: Any) -> int:
    """What llama.cpp divides a Gemma 2's or 3's attention scores by the root of: the head's width,
    or in the two models of 27 billion parameters (46 and 62 layers) a head's share."""
    largest = config.num_hidden_layers in (46, 62)
    share = config.hidden_size // config.num_attention_heads
    return int(share if largest else config.head_dim)
