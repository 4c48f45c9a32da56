"""What the loopback Hub holds: names that people type, with this project's own model and text."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hera.refs import EMBEDDED_DIR
from tests.hub.server import Hub

GEMMA = "google/gemma-2-2b-it"
PUBMEDQA = "qiaojin/PubMedQA"
DIALOGUES = "wangrongsheng/HealthCareMagic-100k-en"
ADAPTER = "me/hera-stage1"
_ROWS = {"test": 40, "train": 200}

_CONTEXT = pa.struct(
    [(name, pa.list_(pa.string())) for name in ("contexts", "labels", "meshes")]
    + [(name, pa.list_(pa.string())) for name in ("reasoning_required_pred", "reasoning_free_pred")]
)
_SCHEMA = pa.schema(
    [
        ("pubid", pa.int32()),
        ("question", pa.string()),
        ("context", _CONTEXT),
        ("long_answer", pa.string()),
        ("final_decision", pa.string()),
    ]
)
_PUBMEDQA_CARD = """---
configs:
- config_name: pqa_artificial
  data_files:
  - split: train
    path: pqa_artificial/train-*
- config_name: pqa_labeled
  data_files:
  - split: train
    path: pqa_labeled/train-*
---
"""


def fill(hub: Hub) -> None:
    """Seed the base, an adapter of it, and both data sets."""
    base = [path for path in EMBEDDED_DIR.iterdir() if path.is_file() and path.name != "README.md"]
    hub.seed("model", GEMMA, {path.name: path.read_bytes() for path in base})
    hub.seed("model", ADAPTER, adapter("stage1"))
    parts = {
        f"pqa_{config}/train-00000-of-00001.parquet": parquet(split)
        for config, split in (("labeled", "test"), ("artificial", "train"))
    }
    hub.seed("dataset", PUBMEDQA, {"README.md": _PUBMEDQA_CARD.encode(), **parts})
    hub.seed("dataset", DIALOGUES, {"HealthCareMagic-100k.json": dialogues()})


def adapter(name: str) -> dict[str, bytes]:
    """One of the embedded adapters as an adapter of the Hub's base."""
    folder = EMBEDDED_DIR / name
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = GEMMA
    weights = (folder / "adapter_model.safetensors").read_bytes()
    return {
        "adapter_config.json": json.dumps(config).encode(),
        "adapter_model.safetensors": weights,
        "training.json": json.dumps({"arguments": {"data": PUBMEDQA}}).encode(),
    }


def parquet(split: str) -> bytes:
    """Embedded questions in the schema of PubMedQA on the Hub."""
    rows = pq.read_table(EMBEDDED_DIR / "data" / f"pubmedqa_{split}.parquet").to_pylist()[
        : _ROWS[split]
    ]
    typed = [_question(number, row) for number, row in enumerate(rows)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(typed, schema=_SCHEMA), sink)
    return sink.getvalue()


def _question(number: int, row: dict[str, Any]) -> dict[str, Any]:
    told = row["context"]
    empty: list[str] = []
    context = {
        "contexts": told["contexts"],
        "labels": told.get("labels") or empty,
        "meshes": empty,
        "reasoning_required_pred": empty,
        "reasoning_free_pred": empty,
    }
    kept = {name: row[name] for name in ("question", "long_answer", "final_decision")}
    return {"pubid": number, "context": context, **kept}


def dialogues() -> bytes:
    """Embedded dialogues as one JSON list."""
    rows = pq.read_table(EMBEDDED_DIR / "data" / "dialogues_train.parquet").to_pylist()[
        : _ROWS["train"]
    ]
    asked = "If you are a doctor, please answer the medical questions based on the description."
    told = [{"instruction": asked, "input": r["input"], "output": r["output"]} for r in rows]
    return json.dumps(told).encode()
