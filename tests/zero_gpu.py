"""`python app.py` as on a ZeroGPU Space, but on a machine without a GPU.

The `spaces` package is the real one: it makes torch believe in a GPU while the model loads,
schedules every call, forks and pickles. Replaced are only the ZeroGPU service, by a server on the
loopback, and, in the forked process, the step that would move the weights to a GPU: they stay here.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(BaseHTTPRequestHandler):
    """Lends a GPU to whoever asks, and prints the requests."""

    def do_POST(self) -> None:
        print("zero-gpu", self.path, flush=True)
        lent = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "none", "allowToken": "lent"}
        body = json.dumps(lent).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve() -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def look_like_a_cuda_build() -> None:
    """What `spaces` and transformers look up in torch and a CPU build of it lacks."""
    import torch

    torch.version.cuda = torch.version.cuda or "13.0"
    torch.cuda._is_in_bad_fork = bool
    for name in ("_cuda_init", "_cuda_getDeviceCount", "_cuda_getCurrentRawStream"):
        if not hasattr(torch._C, name):
            setattr(torch._C, name, lambda *_: None)


def stay_on_the_cpu() -> None:
    from spaces.zero import torch as emulation
    from spaces.zero import utils
    from spaces.zero.torch import patching

    def move(callback: object = None) -> None:
        for fake, original in patching.cuda_aliases.items():
            if original is not None:
                fake.data = original

    emulation.pack = lambda: 0
    emulation.init = lambda _: None
    emulation.move = move
    utils.self_cgroup_device_path = lambda: "none"


def leave(*_: object) -> None:
    """Take along the processes that hold a GPU: ZeroGPU ends them, nobody would here."""
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    os.environ["SPACES_ZERO_GPU"] = "true"
    os.environ["SPACES_ZERO_DEVICE_API_URL"] = serve()
    os.environ["HERA_QUEUE"] = "1"
    look_like_a_cuda_build()
    import spaces  # noqa: F401

    stay_on_the_cpu()
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    runpy.run_path("app.py", run_name="__main__")
