"""A sentence that says the opposite, by rules alone.

The rules know the English of results: "no difference", "did not", "was higher", "improved". They
negate one verb, that of the main clause, and where it is not clear which that is they give up.
"""

from __future__ import annotations

import re

_AUXILIARY = r"was|were|is|are|has|have|had|did|does|do|can|could|will|would"
_ADVERB = r"(?:\w+ly|also|still|then|even|yet) "
_TAKES_NOT = {"was", "were", "is", "are", "can", "could", "will", "would", "did", "does", "do"}
_IRREGULAR = (
    "been|found|shown|made|seen|had|done|given|taken|gone|become|begun|led|held|kept|left|lost|met|"
    "put|read|run|said|sent|set|told|thought|grown|known|risen|fallen|undergone|borne|grew|felt"
)
_PARTICIPLE = re.compile(rf"(?:{_ADVERB})?(?:\w+ed|\w+en|{_IRREGULAR})\b(?! (?:to|of)\b)", re.I)

# No rule keeps these straight: a second negation, a choice, a quantity of which both may be true.
_TANGLED = re.compile(
    r"\?|\b(?:neither|nor|never|none|nobody|nothing|hardly|scarcely|barely|unless|"
    r"not only|or not|but not|not all|not every|not a single|no longer|no more than|no less than|"
    r"no fewer than|whether|if)\b",
    re.I,
)
_SOME = re.compile(
    r"^\W*(?:some|many|several|few|a few|both|either|each|only|just|merely|a mere|not)\b", re.I
)
_ALL = re.compile(r"^(\W*)(all|every)\b", re.I)

_NOUN = (
    "differences?|effects?|associations?|correlations?|changes?|benefits?|improvements?|increases?|"
    "decreases?|reductions?|relationships?|relations?|impacts?|interactions?|advantages?|"
    "complications?|links?|trends?|gains?|risks?|evidence|influence|proof|support"
)
_NO = re.compile(rf"\b(no)((?: [\w-]+){{0,3}}? (?:{_NOUN}))\b", re.I)
_NO_ONES = re.compile(
    rf"^(no) (?=(?:[\w-]+ ){{0,3}}[\w-]+s (?:{_AUXILIARY}|occurred|died|developed|differed)\b)",
    re.I,
)
_NEITHER = re.compile(r"^neither (.+?) nor (.+)$", re.I)
_PLURAL = {"was": "were", "is": "are", "has": "have", "does": "do"}
_NOT = re.compile(rf"\b(?:({_AUXILIARY}|may|might|should|must)( not)\b|(can)(not)\b)", re.I)
_SHORT_NOT = re.compile(
    "\\b(was|were|is|are|has|have|had|did|does|do|could|would)n['\u2019]t\\b", re.I
)
_FAILED = re.compile(r"\b(failed|fails|fail) to\b", re.I)
_INSTEAD = {"failed": "did", "fails": "does", "fail": "do"}
_MARKED = re.compile(
    rf"\b(?:({_AUXILIARY}|cannot|may|might|should|must)\b"
    r"|(who|whom|whose|which|that|when|while|whilst|once|because|although|though|since|where|whereas|"
    r"after|before|until|as)\b|([,;:]))",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:found|finds?|show(?:s|n|ed)?|conclude[sd]?|observed?|report(?:s|ed)?|suggest(?:s|ed)?|"
    r"indicate[sd]?|demonstrate[sd]?|confirm(?:s|ed)?|revealed?|evidence|see|saw)$"
)

# Past tense -> the plain form; a word before it may make it a participle instead.
_PAST = {
    "improved": "improve",
    "reduced": "reduce",
    "increased": "increase",
    "decreased": "decrease",
    "lowered": "lower",
    "raised": "raise",
    "predicted": "predict",
    "prevented": "prevent",
    "differed": "differ",
    "correlated": "correlate",
    "changed": "change",
    "benefited": "benefit",
    "affected": "affect",
    "caused": "cause",
    "rose": "rise",
    "fell": "fall",
    "grew": "grow",
    "led": "lead",
    "showed": "show",
    "occurred": "occur",
    "varied": "vary",
    "depended": "depend",
    "shortened": "shorten",
    "declined": "decline",
    "helped": "help",
    "remained": "remain",
    "found": "find",
    "died": "die",
    "developed": "develop",
    "had": "have",
}
_PRESENT = {
    "improves": "improve",
    "reduces": "reduce",
    "increases": "increase",
    "decreases": "decrease",
    "lowers": "lower",
    "raises": "raise",
    "predicts": "predict",
    "prevents": "prevent",
    "differs": "differ",
    "correlates": "correlate",
    "affects": "affect",
    "causes": "cause",
    "leads": "lead",
    "helps": "help",
    "varies": "vary",
    "depends": "depend",
}
_VERB = re.compile(rf"((?:{_ADVERB})?)\b({'|'.join([*_PAST, *_PRESENT])})\b", re.I)
_MARKED_BEFORE = re.compile(r"^[^,;:]*\b(?:who|which|because|although|though|while)\b", re.I)
_BEFORE_A_NOUN = re.compile(
    r"\b(?:the|a|an|of|with|and|or|to|for|in|by|not|more|less|its|their|than|most|any|no|as)$", re.I
)


def negated(sentence: str) -> str | None:
    """A sentence that contradicts this one, or None where no rule is sure of one.

    "There was no difference." becomes "There was a difference.", "A was higher than B." becomes "A
    was not higher than B.", "A reduced pain." becomes "A did not reduce pain.", and each the other
    way round. What a sentence says beside its main verb (a p-value, a second clause) stays.

    Args:
        sentence: English, one sentence. Spaces around it are kept.
    """
    body = sentence.strip()
    if both := _both(body):
        return sentence.replace(body, both, 1)
    if not body or len(_spoken(body).split()) < 3 or _TANGLED.search(_spoken(body)):
        return None
    if _SOME.search(body):
        return None
    made = _one(body)
    return None if made is None else sentence.replace(body, made, 1)


def _one(body: str) -> str | None:
    """By the first rule that has something to say."""
    negations = len(_NOT.findall(_spoken(body))) + len(_SHORT_NOT.findall(_spoken(body)))
    negations += len(re.findall(r"\bno\b", _spoken(body), re.I))
    if negations > 1:
        return None
    if negations:
        return _affirmed(body)
    if _FAILED.search(_spoken(body)):
        return _FAILED.sub(lambda found: _INSTEAD[found[1].lower()], body, count=1)
    if every := _ALL.search(body):
        return f"{every[1]}Not {every[2].lower()}{body[every.end() :]}"
    return _with_auxiliary(body) or _with_verb(body)


def _affirmed(body: str) -> str | None:
    """Without its one negation."""
    if found := _NOT.search(_spoken(body)):
        start, end = found.span(2) if found[2] else found.span(4)
        return body[:start] + _some(body[end:])
    if found := _SHORT_NOT.search(_spoken(body)):
        return body[: found.end(1)] + _some(body[found.end() :])
    if found := _NO.search(_spoken(body)):
        following = found[2][1:]
        article = _article(following)
        made = f"{article} {following}" if article else following
        if found.start() == 0:
            made = made[0].upper() + made[1:]
        return body[: found.start()] + made + body[found.end() :]
    if found := _NO_ONES.search(_spoken(body)):
        return f"Some {body[found.end() :]}"
    return None


def _some(words: str) -> str:
    """What follows a negation that is gone: "any" went with it."""
    return re.sub(r"\bany\b", "some", words, count=1)


def _both(body: str) -> str | None:
    """ "Neither A nor B was ..." the other way round."""
    found = _NEITHER.search(body)
    if not found or re.search(r"\b(?:not|no|nor|neither)\b", found[1] + found[2], re.I):
        return None
    rest = re.sub(r"\b(was|is|has|does)\b", lambda one: _PLURAL[one[1]], found[2], count=1)
    return f"Both {found[1]} and {rest}"


def _article(words: str) -> str:
    """What stands before a noun that had "no": none before many or what is not counted."""
    noun = words.split()[-1].lower()
    if noun.endswith("s") or noun in ("evidence", "influence", "proof", "support"):
        return ""
    return "an" if words[0].lower() in "aeiou" else "a"


def _with_auxiliary(body: str) -> str | None:
    """With "not" behind the auxiliary of the main clause; None where that is not clear."""
    spoken, inside = _spoken(body), False
    for found in _MARKED.finditer(spoken):
        auxiliary, opens, closes = found.groups()
        if closes:
            inside = False
        elif opens:
            inside = not _TOLD.search(spoken[: found.start()].rstrip())
        elif inside:
            continue  # it is not the main clause's
        elif auxiliary.lower() in ("cannot", "may", "might", "should", "must"):
            return None
        else:
            return _with_not(body, found)
    return None


def _with_not(body: str, found: re.Match[str]) -> str | None:
    """With the auxiliary that was found negated; of a "had" that is the whole verb, with "did not
    have"."""
    word, end = found[1], found.end()
    low = word.lower()
    if low in _TAKES_NOT or _PARTICIPLE.match(body[end:].lstrip()):
        plain = "cannot" if low == "can" else f"{word} not"
        return body[: found.start()] + plain + body[end:]
    instead = {"had": "did", "has": "does", "have": "do"}[low]
    return f"{body[: found.start()]}{instead} not have{body[end:]}"


def _with_verb(body: str) -> str | None:
    """With the one verb of a result that it has negated."""
    spoken = _spoken(body)
    if _MARKED_BEFORE.search(spoken):
        return None
    for found in _VERB.finditer(spoken):
        before = spoken[: found.start()].rstrip()
        if not before or _BEFORE_A_NOUN.search(before):
            continue
        adverb, verb = found[1], found[2].lower()
        did, plain = ("did", _PAST[verb]) if verb in _PAST else ("does", _PRESENT[verb])
        return f"{body[: found.start()]}{did} not {adverb}{plain}{body[found.end() :]}"
    return None


def _spoken(text: str) -> str:
    """A text with what stands in brackets blotted out, letter for letter."""
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]", lambda found: "·" * len(found[0]), text)
