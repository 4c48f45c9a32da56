"""Details that must never make a message less urgent: a method, a dose, a child, a time.

The detectors look at a message and at the same message without each of its details. What is found
without one is found with it, so that adding one lowers no level.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_MOST = 4
"""Details of which every selection is left out: 16 readings of a message at the most."""

_TIME = (
    r"(?:right |just )?now|tonight|today|this (?:minute|morning|evening|afternoon|second)|already"
    r"|ahora(?: mismo)?|ahorita|esta (?:noche|tarde|mañana)|hoy|ya"
)
_DOSE = (
    r"\d+(?:[.,]\d+)?(?: ?(?:mg|g|ml|mcg|milligrams?|grams?|pills?|tablets?|pastillas?"
    r"|comprimidos?|miligramos?))?(?: of (?:them|it|these|those)| de (?:ellas|ellos|esas|esos))?"
)
_METHOD = (
    r"(?:with|using|by|from|off|on|con|desde|de) (?:(?:a|an|the|my|his|her|some|these|those|un|una"
    r"|el|la|los|las|mis?|sus?|unas|unos) )?(?:pills|tablets|medicines?|meds|rope|belt|knife|blade"
    r"|razor|gun|bridge|roof|balcony|train|car|gas|alcohol|pastillas|medicinas?|medicamentos"
    r"|cuerda|soga|cinturon|cinturón|cuchillo|navaja|pistola|puente|techo|azotea|balcon|balcón"
    r"|tren|coche|carro|alcohol)"
)
_CHILD = (
    r"(?:and )?(?:i am|i'm|im|he is|he's|she is|she's|tengo|tiene)? ?(?:only |solo |sólo )?"
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|un|dos|tres|cuatro"
    r"|cinco|seis|siete|ocho|nueve|diez|once|doce) ?(?:-| )?(?:years?|yrs?|months?|weeks?|days?"
    r"|años?|meses|mes|semanas?|dias?|días?)(?:[ -]old)?"
    r"|(?:for|to|with|para|a|con) my (?:baby|child|kid|toddler|son|daughter|newborn)"
    r"|(?:para|a|con) mi (?:bebe|bebé|hijo|hija|niño|niña|nene|nena)"
)
_DETAIL = re.compile(rf"(?<!\w)(?:{_CHILD}|{_METHOD}|{_DOSE}|{_TIME})(?!\w)", re.IGNORECASE)


def readings(text: str) -> Iterator[str]:
    """The message, then without each selection of its first four details; without all, if it has
    more."""
    found = [match.span() for match in _DETAIL.finditer(text)]
    yield text
    for many in range(1, min(len(found), _MOST) + 1):
        for chosen in itertools.combinations(found[:_MOST], many):
            yield _without(text, chosen)
    if len(found) > _MOST:
        yield _without(text, found)


def _without(text: str, spans: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> str:
    kept, end = [], 0
    for start, stop in spans:
        kept.append(text[end:start])
        end = stop
    return " ".join("".join([*kept, text[end:]]).split())
