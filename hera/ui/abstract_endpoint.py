"""The named endpoint of an abstract of one's own: `/own_abstract`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio.events import api

from hera.data.pubmedqa import LABELS
from hera.evaluation.negation import negated
from hera.explain.sentences import Influence
from hera.ui.components.events import SCORES
from hera.ui.guard.arguments import takes_checked
from hera.ui.own_abstract import Abstracts, checked_parts
from hera.ui.serving import Serving


def own_abstract_endpoint(serving: Serving) -> None:
    """`/own_abstract`, a stream of the answers, then of what each sentence is worth."""
    abstracts = Abstracts(serving)

    @takes_checked
    def own_abstract(
        abstract: str,
        question: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
    ) -> Iterator[dict[str, Any]]:
        """Put a question that is answered by yes, no or maybe to an abstract of your own, and see
        which of its sentences moved each variant's answer: every sentence is left out once. It is
        no medical advice.

        Args:
            abstract: in English, without its conclusion; at most 60 sentences, 12,000 characters
                and the model's window.
            question: about it, at most 600 characters.
            variants: their names, as /health lists them; all of them if none is named.

        Returns:
            {"sentences", "negated": each sentence negated by rules, or null where none is sure,
            "variants": {NAME: {"answer", "probabilities": of yes, no and maybe, "worths": of each
            sentence by how many nats the log-odds of the answer fall without it, "without": the
            answer without it}}}; first without worths.
        """
        names = variants or list(serving.engine().variants)
        parts, asked = checked_parts(serving.engine(), abstract, question, names)
        for state in abstracts.moved(parts, asked, names):
            yield {
                "sentences": [part.strip() for part in parts],
                "negated": [negated(part.strip()) for part in parts],
                "variants": {name: _told(state, row) for row, name in enumerate(names)},
            }

    api(own_abstract, api_name="own_abstract", **SCORES)


def _told(state: Influence, row: int) -> dict[str, Any]:
    shares = state.probabilities[row].tolist()
    return {
        "answer": state.answers[row],
        "probabilities": dict(zip(LABELS, shares, strict=True)),
        "worths": state.worths[row].tolist(),
        "without": [LABELS[int(one.argmax())] for one in state.left_out[row]],
    }
