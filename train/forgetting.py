"""What a stage does to stage 1's task: PubMedQA before and after it, on the same questions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hera.data import Question
from hera.engine import load_engine
from hera.evaluation import stats
from hera.evaluation.comparing import compare
from hera.evaluation.scoring import Scored, cut_ids, score_questions
from hera.evaluation.summary import cut_lines
from hera.evaluation.training_record import Forgetting, Share
from hera.refs import Ref
from hera.types import BASE
from train.processes import say
from train.recipe import TrainingRun
from train.starting import Start

_SCORED = 200  # questions behind the report: its interval is about 7 points either way


def forgetting(
    run: TrainingRun, start: Start, data: Ref, questions: Sequence[Question]
) -> Forgetting:
    """Accuracy before (the adapter begun from, or the base) and after, on a seeded sample of the
    questions, which are those of `data`; a quantized base is scored in 4 bits."""
    adapters = {"after": Ref.of(str(run.output), "--adapter after=")}
    first = BASE
    if start.adapter is not None:
        first, adapters["before"] = "before", start.adapter
    say(f"scoring PubMedQA before and after, on {min(_SCORED, len(questions))} questions ...")
    engine = load_engine(run.model, adapters, four_bit=run.bits < 16)
    count = min(_SCORED, len(questions))
    sample = random.Random(run.recipe.seed).sample(list(questions), count)
    scored = [s for batch in score_questions(engine, sample, [first, "after"]) for s in batch]
    pair = compare(scored, first, "after")
    before, after = _share(scored, first), _share(scored, "after")
    say(
        f"PubMedQA before {before.accuracy:.3f}, after {after.accuracy:.3f} "
        f"(n = {len(scored)}; only before right {pair.only_a}, only after right {pair.only_b}, "
        f"exact McNemar p = {pair.p:.3g})"
    )
    cut = cut_ids(scored)
    for line in cut_lines(cut):
        say(line)
    return Forgetting(
        data=str(data),
        n=len(scored),
        before=before,
        after=after,
        only_before_right=pair.only_a,
        only_after_right=pair.only_b,
        p=pair.p,
        **({"cut": tuple(cut)} if cut else {}),
    )


def _share(scored: Sequence[Scored], variant: str) -> Share:
    right = sum(s.pred[variant] == s.gold for s in scored)
    return Share(accuracy=right / len(scored), accuracy_ci95=stats.wilson(right, len(scored)))
