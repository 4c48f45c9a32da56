"""The embedded base as a GGUF file, as llama.cpp's own converter writes a Gemma 2."""

from __future__ import annotations

import json
from pathlib import Path

from gguf import GGUFWriter, TokenType, get_tensor_name_map
from gguf.constants import MODEL_ARCH
from safetensors.torch import load_file

from hera.refs import EMBEDDED_DIR


def write_embedded(path: Path) -> None:
    """All weights in float32."""
    config = json.loads((EMBEDDED_DIR / "config.json").read_text(encoding="utf-8"))
    writer = GGUFWriter(path, "gemma2")
    writer.add_name("embedded")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
    writer.add_final_logit_softcapping(config["final_logit_softcapping"])
    writer.add_sliding_window(config["sliding_window"])
    _add_tokenizer(writer)
    names = get_tensor_name_map(MODEL_ARCH.GEMMA2, config["num_hidden_layers"])
    for name, tensor in load_file(EMBEDDED_DIR / "model.safetensors").items():
        values = tensor.float().numpy()
        # llama.cpp multiplies by the weight of a norm, Gemma by one more than it.
        values = values + 1 if name.endswith("norm.weight") else values
        writer.add_tensor(str(names.get_name(name, try_suffixes=(".weight",))), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: GGUFWriter) -> None:
    tokenizer = json.loads((EMBEDDED_DIR / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    added = {entry["content"]: entry for entry in tokenizer["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.get)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(place) for place in range(len(tokens))])
    writer.add_token_types([_kind(token, added) for token in tokens])
    for key, token in (("bos", "<bos>"), ("eos", "<eos>"), ("pad", "<pad>"), ("unk", "<unk>")):
        getattr(writer, f"add_{key}_token_id")(vocabulary[token])
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    writer.add_chat_template((EMBEDDED_DIR / "chat_template.jinja").read_text(encoding="utf-8"))


def _kind(token: str, added: dict[str, dict[str, object]]) -> TokenType:
    if token in added:
        return TokenType.CONTROL if added[token]["special"] else TokenType.USER_DEFINED
    return TokenType.BYTE if token.startswith("<0x") else TokenType.NORMAL
