"""The switch of languages: a link for each that the page is not in."""

from __future__ import annotations

import html

from hera.ui.language import PARAMETER, SPOKEN, language
from hera.ui.words import LANGUAGES

# A choice stands for as long as the browser keeps it; a link to HERA that names a language is
# followed all the same.
_SCRIPT = """
document.documentElement.lang = "@LANGUAGE@";
const parameter = "@PARAMETER@", key = "hera-language";
const go = (name, to) => {
  const address = new URL(location.href);
  address.searchParams.set(parameter, name);
  to(address.href);
};
element.addEventListener("click", (event) => {
  const link = event.target.closest("a[hreflang]");
  if (!link) return;
  event.preventDefault();
  try { localStorage.setItem(key, link.hreflang); } catch (error) { console.warn(error); }
  go(link.hreflang, (address) => location.assign(address));
});
let chosen = null;
try { chosen = localStorage.getItem(key); } catch (error) { console.warn(error); }
const offered = element.querySelector(`a[hreflang="${CSS.escape(chosen ?? "")}"]`);
if (offered && !new URLSearchParams(location.search).has(parameter))
  go(chosen, (address) => location.replace(address));
"""


def script() -> str:
    """What makes the links work, and tells the browser which language this is: Gradio tells it the
    one that the browser prefers."""
    return _SCRIPT.replace("@PARAMETER@", PARAMETER).replace("@LANGUAGE@", language())


def links() -> str:
    """The links as HTML; each language is called as it calls itself."""
    return " ".join(
        f'<a href="?{PARAMETER}={name}" hreflang="{name}" lang="{name}">'
        f"{html.escape(LANGUAGES[name].page.language)}</a>"
        for name in SPOKEN
        if name != language()
    )
