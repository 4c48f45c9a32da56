"""Engines: what implements `hera.types.Engine`, and the two ways to get one."""

from __future__ import annotations

from collections.abc import Mapping

from hera.errors import ConfigError
from hera.refs import EMBEDDED, Ref
from hera.types import Engine


def load_engine(
    model: str | Ref = EMBEDDED,
    adapters: Mapping[str, str] | Mapping[str, Ref] | None = None,
    *,
    dtype: str = "auto",
    four_bit: bool = False,
    device: str = "auto",
    own_base: bool = False,
    leave_out_broken: bool = False,
    engine: str = "auto",
) -> Engine:
    """Load a base once, with its adapters as variants.

    Args:
        model: a REF: "embedded", "smollm2", a Hub id ("owner/name", optionally "@revision"), a
            folder or a GGUF file. An adapter REF brings its own base and becomes the variant
            "adapter".
        adapters: variant name -> REF of a LoRA adapter, or of a full model. An adapter may bring
            its own embeddings, tokenizer and chat template. One made for another base brings that
            base, and a full model itself: a second copy of the weights, which a note says. None
            with model="embedded" or "smollm2" means the stage1 and stage2 shipped for it.
        dtype: "auto" (on a CPU measured, else bfloat16 where the hardware has it), "float32" or
            "bfloat16".
        four_bit: load the base in nf4 with double quantization (bitsandbytes).
        device: "auto", "cpu" or "cuda".
        own_base: an adapter made on a quantized copy of the base ("...-bnb-4bit") brings that copy;
            else it is served on the base itself, which a note says.
        leave_out_broken: serve the rest where an adapter is missing, broken, or cannot be served
            right; a note of the engine says which, and why.
        engine: what computes: "transformers", "llama.cpp" (of a GGUF file, with the package
            xllamacpp, and plain LoRA alone), or "auto", which is the first.

    Raises:
        ModelError: the base or an adapter is missing, broken, or made for another base.
        ConfigError: a name or a dtype that cannot be served.
    """
    base = Ref.of(model, "--model")
    chosen = None
    if adapters is not None:
        chosen = {name: Ref.of(ref, f"--adapter {name}=") for name, ref in adapters.items()}
    if engine == "llama.cpp":
        if four_bit or own_base or dtype != "auto":
            raise ConfigError("--engine llama.cpp: it computes in what the file is written in.")
        from hera.engine import remote

        return remote.serve_here(base, chosen)
    from hera.engine.local import LocalEngine  # it loads torch, which `load_engine` alone must not

    return LocalEngine.load(
        base,
        chosen,
        dtype=dtype,
        four_bit=four_bit,
        device=device,
        own_base=own_base,
        leave_out_broken=leave_out_broken,
    )


def connect(
    server: str,
    model: str | Ref | None = None,
    adapters: Mapping[str, str] | None = None,
    *,
    leave_out_broken: bool = False,
    silence: float = 30.0,
) -> Engine:
    """An engine on a server that speaks OpenAI's protocol, as vLLM and llama.cpp do.

    A key that it wants is taken from HERA_SERVER_KEY, and no other variable is looked at.

    Args:
        server: its address, as "http://127.0.0.1:8000".
        model: the REF of the base that it serves: its tokenizer is read here, none of its weights,
            and vLLM and llama.cpp are sent token ids and can score. None: the server renders the
            conversations, and cannot score.
        adapters: variant name -> what the server calls it; "base" may be among them. None for all
            that it has.
        leave_out_broken: serve the rest where it lacks one; a note of the engine says which.
        silence: seconds without a byte until the server is given up.

    Raises:
        ConfigError: no address, another model's tokenizer, or more models than can be shown.
        ModelError: no such server answers there, or it lacks a model.
    """
    from hera.engine import remote  # it loads openai, and transformers for the tokenizer

    base = None if model is None else Ref.of(model, "--model")
    return remote.connect(
        server, base, adapters, leave_out_broken=leave_out_broken, silence=silence
    )
