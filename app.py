"""HERA's app: `python app.py`, or on a Space the module-level `demo`."""

from __future__ import annotations

import os
import socket
import sys

# Read when gradio and huggingface_hub are imported: no telemetry, no look-up elsewhere at start.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from hera.cli import quiet, run
from hera.config import Config, from_flags
from hera.errors import ConfigError
from hera.ui.app import build, launch_options
from hera.ui.serving import Serving

quiet()


def check_port(config: Config) -> None:
    """Raises ConfigError if another program listens there."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"--port {config.port}: cannot listen on {config.host}:{config.port} "
                f"({error.strerror}). Stop the other program or give another --port."
            ) from error


def main() -> None:
    """Open the page first; the model loads behind it."""
    check_port(config)
    demo.launch(
        server_name=config.host,
        server_port=config.port,
        share=config.share,
        prevent_thread_lock=True,
        **launch_options(),
    )
    serving.start()
    demo.block_thread()


def configure() -> None:
    """Read the flags of a run as a command; an import takes the environment alone."""
    global config, serving, demo
    config = from_flags(sys.argv[1:] if __name__ == "__main__" else [])
    serving = Serving(config)
    demo = build(serving)


if code := run(configure):
    sys.exit(code)
if __name__ == "__main__":
    sys.exit(run(main))
