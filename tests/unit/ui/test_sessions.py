"""A session holds what its visitor did, and no description of the page."""

from __future__ import annotations

import gradio as gr
from gradio.state_holder import SessionState

from hera.ui.guard.sessions import light_sessions


def test_a_session_describes_nothing_until_something_of_it_changes() -> None:
    light_sessions()
    light_sessions()  # twice is once
    with gr.Blocks() as demo:
        box, state = gr.Textbox("written"), gr.State([1])
    one, other = SessionState(demo), SessionState(demo)
    assert list(one.components) == []
    one[state._id] = [2]
    assert (one[state._id], other[state._id]) == ([2], [1])
    one[box._id] = gr.Textbox("changed", render=False)
    assert [one[box._id].value, other[box._id].value] == ["changed", "written"]
    assert len(list(other.components)) == 0
