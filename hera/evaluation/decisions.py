"""Reading a decision out of free text: yes, no, maybe, or none.

The grammar, over lower-case text; the first decision wins:

    answer   = ... decision ...
    decision = (opening | lead) label, where no list of labels follows
    opening  = the beginning of the text, of a line or of a sentence, quotes and emphasis aside
    lead     = "answer", "decision", "conclusion" or "verdict", then "is", "would be" or ":"
    label    = "yes" | "maybe" | "no" before the end of a clause or a pronoun ("no.", "no it did")

So "no difference was found", "not", "know", "none" and "no-one" decide nothing, and "yes, no or
maybe" only repeats the question.
"""

from __future__ import annotations

import re

from hera.evaluation.stats import NONE

_MARKS = r"""[\s*_"'`(\[>#-]*"""
_OPENING = rf"(?:^|(?<=[.!?:;\n])){_MARKS}"
_LEAD = rf"\b(?:answer|decision|conclusion|verdict)\s*(?:is|would be|:|=)+{_MARKS}"
_LABEL = re.compile(rf"(?:{_LEAD}|{_OPENING})(yes|no|maybe)\b(?!-\w)", re.M)
_MORE = re.compile(r"\s*(?:,|/|\bor\b|\band\b)[\s,]*(?:or\s+|and\s+)?(?:yes|no|maybe)\b")
_AFTER_NO = re.compile(
    r"""\s*(?:$|\n|[.,;:!?)\]"'*_`]|-(?!\w)|[–—])"""  # noqa: RUF001  (dashes that people write)
    r"|\s+(?:it|they|this|that|these|those|there|the|we|i|he|she|because|since)\b"
)


def decision_in(text: str) -> str:
    """ "yes", "no" or "maybe", whichever the text decides first, or "none"."""
    lower = text.lower()
    for match in _LABEL.finditer(lower):
        label, after = match[1], lower[match.end(1) :]
        if _MORE.match(after):
            continue
        if label != "no" or _AFTER_NO.match(after):
            return str(label)
    return NONE
