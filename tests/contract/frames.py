"""One example of every frame on the wire: what the golden files hold."""

from __future__ import annotations

from llama_runner_pro.alerts.ports import Alert, ChannelView, Delivery
from llama_runner_pro.api import frames as f
from llama_runner_pro.api.schemas import ConfigProblem
from llama_runner_pro.endpoints.ports import (
    EndpointView,
    Evidence,
    Heartbeat,
    Incident,
    IncidentStep,
)
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.endpoints.traffic import BreakerView

T_MS = 1_700_000_000_123

FIELDS = [
    f.WireField(id=1, name="cpu_usage_pct", unit="pct", label="CPU", group="cpu", kind="gauge"),
    f.WireField(
        id=2,
        name="memory_used_bytes",
        unit="bytes",
        label="Memory used",
        group="memory",
        kind="gauge",
    ),
    f.WireField(
        id=300,
        name="endpoint/größe/rss_bytes",
        unit="bytes",
        label="Memory of größe",
        group="endpoint",
        kind="gauge",
    ),
]
ABSENT = {"gpu": "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found)"}
BEAT = Heartbeat(t_ms=T_MS, ok=False, state=State.HEALING, response_ms=12.3, reason="refused")
VIEW = EndpointView(
    name="größe",
    kind="embedded",
    url="http://127.0.0.1:8590",
    port=8590,
    model="SmolLM2-135M",
    enabled=True,
    startable=True,
    state=State.HEALING,
    since_ms=T_MS - 50,
    reason="killed by SIGKILL",
    step="start",
    step_since_ms=T_MS - 10,
    attempt=1,
    attempts_max=5,
    incarnation=2,
    pid=4242,
    restart_count=1,
    response_ms=12.3,
    last_check_ms=T_MS - 100,
    last_success_ms=T_MS - 100,
    uptime_24h_pct=99.9,
    incident_id="inc-1",
    heartbeats=(BEAT,),
    actions=("disable", "stop"),
)
INCIDENT = Incident(
    id="inc-1",
    endpoint="größe",
    cause="exit",
    summary="killed by SIGKILL",
    opened_ms=T_MS - 60,
    steps=(
        IncidentStep(step="detected", t_ms=T_MS - 60, ok=True, duration_ms=0.4),
        IncidentStep(step="start", t_ms=T_MS - 10, ok=None),
    ),
    evidence=Evidence(pid=4241, signal="SIGKILL", rss_bytes=5_000_000_000, log_tail=("bye",)),
)

ALERT = Alert(
    id="alert-1",
    rule="endpoint_failed",
    severity="critical",
    subject="größe",
    endpoint="größe",
    title="größe has failed",
    message="It gave up after 5 starts: exited with code 1",
    hint="look at its log, then press Heal",
    raised_ms=T_MS,
    incident_id="inc-1",
)
DELIVERY = Delivery(
    id="delivery-1",
    alert_id="alert-1",
    channel="phone",
    purpose="alarm",
    title="größe has failed",
    body="It gave up after 5 starts: exited with code 1",
    severity="critical",
    state="queued",
    attempts=1,
    reason="nobody answers there (connection refused)",
    created_ms=T_MS,
    next_attempt_ms=T_MS + 5_000,
    expires_ms=T_MS + 86_400_000,
)
CHANNEL = ChannelView(
    name="phone",
    kind="ntfy",
    address="https://ntfy.example/•••",
    enabled=True,
    min_severity="warning",
    health="paused",
    reason="nobody answers there (connection refused)",
    failures=1,
    waiting=1,
    paused_until_ms=T_MS + 5_000,
)


def _event(seq: int, body: f.EventBody) -> f.Event:
    return f.Event(seq=seq, t_ms=T_MS, event=body)


SERVER_FRAMES: dict[str, f.ServerFrame] = {
    "hello": f.Hello(
        wire_version=f.WIRE_VERSION,
        server_version="1.2.3",
        instance="0123456789abcdef",
        interval_ms=1000,
        fields=FIELDS,
        absent=ABSENT,
        capabilities=["subscribe", "visible", "ack", "resume"],
    ),
    "fields": f.Fields(fields=FIELDS[:1], absent={}),
    "snapshot": f.Snapshot(
        seq=41,
        event_seq=7,
        t_ms=T_MS,
        values={1: 12.5, 2: 137_438_953_473, 300: None},
        history=f.History(
            t_ms=[T_MS - 1000, T_MS],
            columns={1: [None, 12.5], 2: [137_438_953_472, 137_438_953_473]},
        ),
        endpoints=[VIEW],
        incidents=[INCIDENT],
        monitoring_active=True,
        debug_mode=False,
    ),
    "tick": f.Tick(seq=42, t_ms=T_MS + 1000, values={1: 12.75, 300: 5_000_000_000}),
    "tick-full": f.Tick(
        seq=43,
        t_ms=T_MS + 2000,
        values={1: None, 2: 137_438_953_473, 300: 5_000_000_000},
        full=True,
    ),
    "event-endpoint": _event(8, f.EndpointEvent(endpoint=VIEW)),
    "event-endpoint-gone": _event(9, f.EndpointGoneEvent(name="größe")),
    "event-incident": _event(10, f.IncidentEvent(incident=INCIDENT)),
    "event-heartbeat": _event(11, f.HeartbeatEvent(name="größe", heartbeat=BEAT)),
    "event-monitoring": _event(12, f.MonitoringEvent(active=False, debug_mode=True)),
    "event-config": _event(
        13,
        f.ConfigEvent(
            version="4d1f0c2ab9e83d57",
            origin="file",
            problems=[
                ConfigProblem(
                    path="endpoints[0].prot", message="unknown key", hint="did you mean port?"
                )
            ],
        ),
    ),
    "event-alert": _event(14, f.AlertEvent(alert=ALERT, notify=True)),
    "event-delivery": _event(15, f.DeliveryEvent(delivery=DELIVERY, channel=CHANNEL)),
    "event-gateway": _event(
        16,
        f.GatewayEvent(
            breaker=BreakerView(
                endpoint="größe",
                model="demo",
                state="open",
                reason="3 failures in a row: the connection was refused",
                failures=3,
                calls_60s=4,
                failures_60s=3,
                since_ms=T_MS,
                retry_at_ms=T_MS + 5_000,
            )
        ),
    ),
    "gap-tick": f.Gap(stream="tick", from_seq=44, to_seq=50),
    "gap-event": f.Gap(stream="event", from_seq=13, to_seq=20),
    "bye": f.Bye(code=1001, reason="the sidecar is stopping"),
}

CLIENT_FRAMES: dict[str, f.ClientFrame] = {
    "subscribe": f.Subscribe(groups=["cpu", "memory"], interval_ms=2000),
    "visible": f.Visible(visible=False),
    "ack": f.Ack(seq=12),
    "resume": f.Resume(seq=12, since_ms=T_MS),
}
