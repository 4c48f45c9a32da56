"""A sentence of a study's results turned into its opposite, by rules alone.

Denials are taken out ("did not differ" becomes "did differ", "no difference" "a difference"), or
where there is none a finding is denied ("was higher" becomes "was not higher", "reduced" "did not
reduce"). A p-value in it becomes one that fits; figures in brackets and what follows a colon or a
semicolon, which would contradict the new sentence, go. A sentence that no rule fits, or that hedges
what it denies ("but not", "not only"), is not turned. Findings alone: a contrast set is no place
for "the mean age was not 52"; what a visitor wants negated is `hera.evaluation.negation`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_Turn = str | Callable[[re.Match[str]], str]

_BE = r"(was|were|is|are|be|been|remained)"
_HEDGED = re.compile(
    r"\b(but|and|or|if|although) not\b|\bnot (only|all|every|always|yet|otherwise)\b"
    r"|\b(whether|although|though|without|despite|except|unless|none|nobody|never|hardly|lacked|"
    r"with no|(almost|nearly) no|not a single|only \d+|dropped out)\b",
    re.IGNORECASE,
)
_COUNTED = (
    r"(?:difference|change|association|correlation|effect|relationship|relation|link|increase|"
    r"decrease|reduction|improvement|benefit|advantage|interaction|influence|gain|trend|rise|fall)"
)
_COMPARED = (
    r"(?:more|less|longer|shorter|better|worse|higher|lower|greater|larger|smaller|fewer|earlier|"
    r"later|safer|different|faster|slower)"
)


def _an(found: re.Match[str]) -> str:
    rest = found[2]
    article = "an" if rest[0] in "aeiou" else "a"
    return f"{article if found[1] == 'no' else article.capitalize()} {rest}"


def _some(found: re.Match[str]) -> str:
    return "some " if found[1] == "no" else "Some "


def _both(found: re.Match[str]) -> str:
    return ("both " if found[1] == "neither" else "Both ") + f"{found[2]} and "


_DENIALS: tuple[tuple[re.Pattern[str], _Turn], ...] = (
    (re.compile(r"\b([Nn]either) ([^.;]{1,80}?) nor "), _both),
    (re.compile(r"\b(can)(?:not| not)\b"), r"\1"),
    (re.compile(r"\bno longer (?=[a-z]+ )"), "still "),
    (re.compile(rf"\bno (?={_COMPARED}\b)"), ""),
    (re.compile(rf"\b([Nn]o) ((?:[\w-]+ ){{0,3}}{_COUNTED}\b)"), _an),
    (re.compile(r"\b([Nn]o) (?=[A-Za-z])"), _some),
    (re.compile(r"\bnot (a|an|the) "), r"\1 "),
    (re.compile(r"\bnot "), ""),
    (re.compile(r"\bfailed to "), "did "),
    (re.compile(r"\bunable to "), "able to "),
    (re.compile(r"\b(?:non-?|in)(significant(?:ly)?)\b"), r"\1"),
    (re.compile(r"\bun(changed|affected|related|altered)\b"), r"\1"),
    (
        re.compile(rf"\b{_BE} (\w+ly )?(?:similar|comparable|equal|equivalent|identical|the same)"),
        lambda found: f"{found[1]} {found[2] or ''}different",
    ),
)

_FOUND_BE = (
    r"(?:associated|correlated|related|linked|significant|effective|superior|inferior|different|"
    r"increased|decreased|reduced|improved|impaired|altered|changed|elevated|raised|lowered|"
    r"doubled|halved|reversed|prevented|affected|predictive|predicted|able|feasible|safe|useful|"
    r"successful|reliable|accurate|observed|found(?! to be)|seen|detected|shown|noted|recorded|"
    r"achieved|confirmed|abolished|delayed|common|frequent|present|evident|beneficial|"
    rf"acceptable|sufficient|{_COMPARED})"
)
_VERBS = {
    "increased": "increase",
    "decreased": "decrease",
    "reduced": "reduce",
    "improved": "improve",
    "changed": "change",
    "differed": "differ",
    "correlated": "correlate",
    "predicted": "predict",
    "affected": "affect",
    "influenced": "influence",
    "prevented": "prevent",
    "stimulated": "stimulate",
    "inhibited": "inhibit",
    "raised": "raise",
    "lowered": "lower",
    "doubled": "double",
    "halved": "halve",
    "showed": "show",
    "demonstrated": "demonstrate",
    "revealed": "reveal",
    "experienced": "experience",
    "exceeded": "exceed",
    "favoured": "favour",
    "favored": "favor",
    "benefited": "benefit",
    "rose": "rise",
    "fell": "fall",
    "yielded": "yield",
    "caused": "cause",
    "led": "lead",
    "protected": "protect",
    "detected": "detect",
    "explained": "explain",
    "altered": "alter",
    "blocked": "block",
    "abolished": "abolish",
    "restored": "restore",
    "shortened": "shorten",
    "prolonged": "prolong",
    "worsened": "worsen",
    "declined": "decline",
}
# Behind these such a word is no verb of its own: "an increased risk", "was reduced".
_NO_VERB = (
    "a an the of with by in for to and or from on at this that these was were is are be been being "
    "had has have having any more most less than as their its no whose who which when after before"
)
_VERB = re.compile(rf"\b([\w)%-]+) ((?:\w+ly )?)({'|'.join(_VERBS)})\b")


def _denied_verb(found: re.Match[str]) -> str:
    if found[1].lower() in _NO_VERB.split():
        return found[0]
    return f"{found[1]} did not {found[2]}{_VERBS[found[3]]}"


_FINDINGS: tuple[tuple[re.Pattern[str], _Turn], ...] = (
    (re.compile(r"\b([Tt]here (?:was|were|is|are)) (?:an? |the )?(?=[a-z])"), r"\1 no "),
    (re.compile(rf"\b{_BE} ((?:\w+ly |also |far |much )*{_FOUND_BE})\b"), r"\1 not \2"),
    (_VERB, _denied_verb),
)

_PARTS = re.compile(r"(.*?)(?:([:;] )(.*))?", re.DOTALL)
_BRACKET = re.compile(r"\s*\(([^()]*\d[^()]*)\)")
_FIGURES = re.compile(r"%|=|<|>|±|\bCI\b|\bvs\b|\d[.·]\d")
_P = re.compile(r"\b([Pp])\s*(?:=|<|>|≤|≥|&lt;|&gt;)\s*0?[.·]\d+")


def turned(sentence: str) -> str | None:
    """Its opposite; None where no rule fits."""
    if _HEDGED.search(sentence):
        return None
    head, mark, tail = _PARTS.fullmatch(sentence).groups()  # type: ignore[union-attr]  # fits all
    if now := _opposite(head):
        return f"{now}." if mark else now
    now = _opposite(tail or "")
    return f"{head}{mark}{now}" if now else None


def _opposite(text: str) -> str | None:
    now, p = _affirmed(text), "0.004"
    if now == text:
        now, p = _denied(text), "0.64"
    return None if now == text else _refigured(now, p)


def denies(sentence: str) -> bool:
    """Whether it denies something, as far as the rules see."""
    return _affirmed(sentence) != sentence


def _affirmed(sentence: str) -> str:
    """It without any denial: one that stayed would contradict the others."""
    text = sentence
    for pattern, turn in _DENIALS:
        text = pattern.sub(turn, text)
    return text if text == sentence else re.sub(r"\bany\b", "some", text)


def _denied(sentence: str) -> str:
    """It with its first finding denied; as it was where it holds none."""
    for pattern, turn in _FINDINGS:
        text = pattern.sub(turn, sentence, count=1)
        if text != sentence:
            return text
    return sentence


def _refigured(text: str, p: str) -> str:
    """A turned sentence with a p-value that fits, without the other figures in brackets."""

    def bracket(found: re.Match[str]) -> str:
        if known := _P.search(found[1]):
            return f" ({known[1]} = {p})"
        return "" if _FIGURES.search(found[1]) else found[0]

    return _P.sub(rf"\1 = {p}", _BRACKET.sub(bracket, text))
