"""`GET /metrics`: what visitors' events came to, in Prometheus's text format."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from hera.types import Work
from hera.ui.leaving import LEAVING
from hera.ui.serving import Serving
from hera.ui.watching import WATCH

PATH = "/metrics"
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_route(serving: Serving) -> Route:
    """The counts of this process, and what is served."""

    def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse(_metrics(serving), media_type=_TYPE)

    return Route(PATH, answer)


def _of_engine(work: Work | None) -> list[str]:
    if work is None:
        return []
    return [
        "# TYPE hera_engine_steps_total counter",
        f"hera_engine_steps_total {work.steps}",
        "# TYPE hera_engine_rows gauge",
        f"hera_engine_rows {work.rows}",
        "# TYPE hera_engine_waiting gauge",
        f"hera_engine_waiting {work.waiting}",
        "# TYPE hera_engine_scored_total counter",
        f"hera_engine_scored_total {work.scored}",
    ]


def _metrics(serving: Serving) -> str:
    ended, seconds = WATCH.counted()
    ready = serving.state == "ready"
    lines = [
        "# TYPE hera_events_total counter",
        *(
            f'hera_events_total{{event="{event}",outcome="{outcome}"}} {count}'
            for (event, outcome), count in sorted(ended.items())
        ),
        "# TYPE hera_event_seconds_total counter",
        *(
            f'hera_event_seconds_total{{event="{event}"}} {total:.3f}'
            for event, total in sorted(seconds.items())
        ),
        "# TYPE hera_events_running gauge",
        f"hera_events_running {LEAVING.at_work}",
        "# TYPE hera_ready gauge",
        f"hera_ready {int(ready)}",
        "# TYPE hera_variants gauge",
        f"hera_variants {len(serving.planned) if ready else 0}",
        *(_of_engine(serving.engine().work) if ready else ()),
    ]
    return "\n".join([*lines, ""])
