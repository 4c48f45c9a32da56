"""How many generated examples the property tests take: `HYPOTHESIS_PROFILE=long` for a long run.

    HYPOTHESIS_PROFILE=long .venv/bin/python -m pytest tests/unit/data/test_any_rows.py \
        -n 0 --hypothesis-seed 1 --timeout 0
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, configuration, settings

# It would keep its tables of characters in the checkout.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
settings.register_profile(
    "house", max_examples=60, derandomize=True, deadline=None, database=None, print_blob=False
)
settings.register_profile(
    "long",
    max_examples=1_000,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))
