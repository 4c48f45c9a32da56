"""The Model tab's numbers go into the words of every language."""

from __future__ import annotations

import pytest

from hera.evaluation import records
from hera.evaluation.forgetting import change
from hera.evaluation.training_record import Training
from hera.explain.layers import Part
from hera.explain.sheet import sheet
from hera.explain.sheet.order import Order
from hera.explain.sheet.records import Lora, Memory, Score
from hera.refs import EMBEDDED_DIR, Ref
from hera.ui.components.sheet import sheet_html
from hera.ui.language import SPOKEN, speaking
from tests.doubles.engine import FakeEngine

RECORD = EMBEDDED_DIR.parent / "smollm2/stage2/training.json"


LOST = change([1.0] * 12, [1.5] * 12)
FORGOT = {"chat": LOST, "of another version": LOST}


@pytest.mark.parametrize("language", SPOKEN)
def test_it_is_told_in_every_language(language: str) -> None:
    engine = FakeEngine({"base": "Rest.", "mine": "Sleep."}, unsupported={"changes": "no"})
    found = sheet(engine, Order(Ref("http://x", "--server"), server="http://x"))
    base, mine = found.variants
    told = {
        "training": records.read(RECORD, Training).model_copy(update={"forgot": FORGOT}),
        "lora": Lora(kind="LoRA", rank=1, alpha=2.0, dropout=0.0, targets=("q",)),
        "scores": (
            Score(metric="accuracy", value=0.5, ci95=(0.25, 0.75), n=3, data="d", source="f"),
        ),
        "parameters": 1_500_000,
        "norm": 0.125,
        "parts": (Part(layer=0, projection="q_proj", size=0.25),),
    }
    memory = Memory(used=2_000_000_000, peak=3_000_000_000, place="process")
    running = found.running.model_copy(update={"memory": memory, "bits": 4, "window": 2048})
    whole = {"variants": (base, mine.model_copy(update=told)), "running": running}
    with speaking(language):
        shown = sheet_html(found.model_copy(update=whole))
    for number in (
        "0.250",
        "0.750",
        "0.125",
        "1.5",
        "2.00",
        "2,048",
        "0.532",
        "of another version. (24",
    ):
        assert number in shown
