"""What a stage did to stage 1's task, PubMedQA before and after it on the same questions; and what
of the base's own knowledge the adapter has forgotten by then."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hera.data import Question
from hera.engine import load_engine
from hera.evaluation import forgetting as probing
from hera.evaluation import stats
from hera.evaluation.comparing import compare
from hera.evaluation.forgetting import KindChange
from hera.evaluation.scoring import Scored, cut_ids, score_questions
from hera.evaluation.summary import cut_lines
from hera.evaluation.training_record import Forgetting, Share
from hera.refs import Ref
from hera.types import BASE, Engine
from train.processes import say
from train.recipe import TrainingRun
from train.starting import Start

_SCORED = 200  # questions behind the report: its interval is about 7 points either way
_PROBES = 12  # of each kind: `benchmarks.forgot` has twice as many


def forgetting(
    run: TrainingRun, start: Start, data: Ref, questions: Sequence[Question]
) -> tuple[Forgetting, dict[str, KindChange]]:
    """Accuracy before (the adapter begun from, or the base) and after, on a seeded sample of the
    questions, which are those of `data`; and every kind of probe under the adapter, against the
    base. A quantized base is scored in 4 bits."""
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
    report = Forgetting(
        data=str(data),
        n=len(scored),
        before=before,
        after=after,
        only_before_right=pair.only_a,
        only_after_right=pair.only_b,
        p=pair.p,
        **({"cut": tuple(cut)} if cut else {}),
    )
    return report, _probed(engine, run.recipe.seed)


def forgotten(run: TrainingRun) -> dict[str, KindChange]:
    """Every kind of probe under the adapter that the run wrote, against the base, which if it is
    quantized is scored in 4 bits."""
    after = {"after": Ref.of(str(run.output), "--adapter after=")}
    return _probed(load_engine(run.model, after, four_bit=run.bits < 16), run.recipe.seed)


def _probed(engine: Engine, seed: int) -> dict[str, KindChange]:
    """What "after" forgot of what the base knew; said in a table."""
    asked = probing.sampled(probing.fixed_probes(), _PROBES, seed)
    say(f"what it forgot: {_PROBES} probes of each of {len(probing.KINDS)} kinds ...")
    scored = probing.losses(engine, probing.completed(engine, asked), ["after"])
    told = probing.forgot(scored, ["after"])
    say(probing.forgot_summary(told))
    return told.variants["after"]


def _share(scored: Sequence[Scored], variant: str) -> Share:
    right = sum(s.pred[variant] == s.gold for s in scored)
    return Share(accuracy=right / len(scored), accuracy_ci95=stats.wilson(right, len(scored)))
