"""HERA's app: `python app.py`, or on a Space the module-level `demo`."""

from __future__ import annotations

import os
import sys

# Read when gradio and huggingface_hub are imported: no telemetry, no look-up elsewhere at start.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from hera.cli import or_exit, run
from hera.config import Config, check_port, from_flags
from hera.ui.app import build, launch_options
from hera.ui.gpu import ZERO_GPU
from hera.ui.serving import Serving


def configure() -> Config:
    """The flags of a run as a command; an import (`gradio app.py`) has the environment alone."""
    config = from_flags(sys.argv[1:] if __name__ == "__main__" else [])
    if __name__ == "__main__":
        check_port(config)
    return config


def main() -> None:
    """Open the page first; the model loads behind it."""
    demo.launch(
        server_name=config.host,
        server_port=config.port,
        share=config.share,
        prevent_thread_lock=True,
        **launch_options(),
    )
    serving.start()
    demo.block_thread()


config = or_exit(configure)
serving = Serving(config)
if ZERO_GPU:
    serving.load()
demo = build(serving)
if __name__ == "__main__":
    sys.exit(run(main))
