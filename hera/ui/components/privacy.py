"""What becomes of what a visitor writes, said on the page as this app was started: no more than
tests/browser/test_privacy.py finds to be so."""

from __future__ import annotations

import os

import gradio as gr

from hera.ui.components.written import filled
from hera.ui.feedback import Feedback
from hera.ui.serving import Serving
from hera.ui.words import WORDS


def privacy(serving: Serving, feedback: Feedback | None) -> None:
    """Lay it out, closed."""
    with gr.Accordion(WORDS.privacy.heading, open=False, elem_id="privacy"):
        gr.HTML(_told(serving, feedback), apply_default_css=False, elem_id="privacy-told")


def _told(serving: Serving, feedback: Feedback | None) -> str:
    words = WORDS.privacy
    server = serving.asks_server
    said = [filled(words.server, server=server) if server else filled(words.here)]
    if os.environ.get("SPACE_ID"):
        said.append(filled(words.space))
    if serving.share:
        said.append(filled(words.relay))
    cookies = words.cookie if serving.signs_in else words.no_cookies
    said += [filled(words.memory), filled(words.files), filled(words.log)]
    said.append(filled(f"{words.browser} {cookies}"))
    said.append(filled(words.shared, repo=feedback.repo) if feedback else filled(words.unshared))
    said.append(filled(words.links))
    return "".join(said)
