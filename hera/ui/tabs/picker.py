"""What is measured: PubMedQA, or another benchmark in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.ui.asking import MOST, Asking
from hera.ui.bench.choices import Choices
from hera.ui.bench.quality import Quality
from hera.ui.bench.safety import Safety
from hera.ui.components.bench_choices import CHOICES
from hera.ui.components.bench_quality import PATIENTS
from hera.ui.components.bench_safety import SCENARIOS
from hera.ui.components.events import ANSWERS, AT_ONCE, SCORES
from hera.ui.deep_links import follows_pick
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.tabs.bench import View, bench_view
from hera.ui.tabs.pubmedqa import pubmedqa_tab
from hera.ui.words import WORDS

_PUBMEDQA = "pubmedqa"


@dataclass(frozen=True)
class Measuring:
    """PubMedQA's variants, whose choices the model decides, and what picks the benchmark."""

    variants: gr.CheckboxGroup
    picker: gr.Radio


def measuring_tab(tab: gr.Tab, serving: Serving, asking: Asking, score: Score) -> Measuring:
    """Fill the tab."""
    words = WORDS.bench
    kinds = [(kind.name, name) for name, kind in words.kinds.items()]
    picker = gr.Radio(
        [(words.pubmedqa, _PUBMEDQA), *kinds],
        value=_PUBMEDQA,
        label=words.label,
        elem_id="bench-picker",
    )
    with gr.Column(elem_id=_PUBMEDQA) as column:
        variants = pubmedqa_tab(tab, serving, asking, score)
    views = _views(serving)

    def picked(chosen: str, *ticked: list[str]) -> list[Any]:
        """Which column is in sight; a view that comes knows the variants that are served."""
        names = list(serving.planned)
        boxes = []
        for name, before in zip(views, ticked, strict=True):
            kept = [variant for variant in names if variant in before] or names
            boxes.append(gr.CheckboxGroup(names, value=kept) if name == chosen else gr.skip())
        return [*(gr.Column(visible=name == chosen) for name in (_PUBMEDQA, *views)), *boxes]

    boxes = [view.variants for view in views.values()]
    columns = [column, *(view.column for view in views.values())]
    picker.change(picked, [picker, *boxes], [*columns, *boxes], show_progress="hidden", **AT_ONCE)
    follows_pick(picker, _PUBMEDQA)
    return Measuring(variants, picker)


def _views(serving: Serving) -> dict[str, View]:
    reasoning = Choices(serving, "reasoning")
    safety, quality = Safety(serving), Quality(serving)
    return {
        "reasoning": bench_view(serving, reasoning, CHOICES, SCORES, reasoning.there, 32),
        "medqa": bench_view(serving, Choices(serving, "medqa"), CHOICES, SCORES, MOST, 32),
        "safety": bench_view(serving, safety, SCENARIOS, ANSWERS, safety.there, 8),
        "quality": bench_view(serving, quality, PATIENTS, ANSWERS, quality.there, 4),
    }
