"""HERA's app: `python app.py`, or on a Space the module-level `demo`."""

from __future__ import annotations

import sys

from hera.cli import or_exit, private, run

private()  # before gradio and huggingface_hub are imported, which read what it sets

try:
    from hera.config import Config, check_port, from_flags
    from hera.ui.app import build, launch_options, started
    from hera.ui.asking import Asking
    from hera.ui.farewell import leaves_politely
    from hera.ui.feedback import feedback_to
    from hera.ui.gpu import ZERO_GPU
    from hera.ui.guard.uploads import folder_of_this_run
    from hera.ui.leaving import LEAVING
    from hera.ui.serving import Serving
    from hera.ui.tools import plain_tools
    from hera.ui.watching import WATCH
except ModuleNotFoundError as missing:
    sys.exit(f"error: {missing.name} is not installed here. `make app` installs all and starts.")


def configure() -> Config:
    """The flags of a run as a command; an import (`gradio app.py`) has the environment alone."""
    config = from_flags(sys.argv[1:] if __name__ == "__main__" else [])
    if __name__ == "__main__":
        check_port(config)
    return config


def main() -> None:
    """Open the page first; the model loads behind it."""
    LEAVING.heed()
    WATCH.lines = config.log
    demo.launch(
        server_name=config.host,
        server_port=config.port,
        share=config.share,
        root_path=config.root_path,
        prevent_thread_lock=True,
        quiet=True,
        **launch_options(serving, config),
    )
    plain_tools(demo)
    leaves_politely(demo, feedback)
    print(started(demo, share=config.share), flush=True)
    serving.start()
    demo.block_thread()


config = or_exit(configure)
asking = or_exit(lambda: Asking(config.model, config.questions))
feedback = or_exit(lambda: feedback_to(config.feedback))
serving = Serving(config)
folder_of_this_run()
if ZERO_GPU:
    serving.load()
demo = build(serving, asking, feedback)
if __name__ == "__main__":
    sys.exit(run(main))
