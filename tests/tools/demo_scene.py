"""Made-up but plausible endpoints, incidents, metrics and log lines for `demo_feed`."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING

import demo_machine

from llama_runner_pro.endpoints.ports import (
    EndpointView,
    Evidence,
    Heartbeat,
    Incident,
    IncidentStep,
)
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from llama_runner_pro.metrics.model import Value

GIB = 1024**3
NO_GPU = "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found)"
ENGINE_LOG = (
    "srv  log_server_r: request: POST /v1/chat/completions 127.0.0.1 200",
    "slot launch_slot_: id  0 | task 412 | processing task",
    "slot print_timing: id  0 | eval time = 812.44 ms / 64 tokens (78.8 tokens per second)",
    "slot      release: id  0 | task 412 | stop processing: n_past = 96, truncated = 0",
    "srv  update_slots: all slots are idle",
)
HEAL_STEPS = (
    ("detected", 6, "exit event of pid 41822"),
    ("evidence", 14, "exit code, signal and 200 log lines saved"),
    ("port", 9, "port 8081 is free"),
    ("start", 21, "pid 41951, incarnation 8"),
    ("wait_ready", 1020, "/health answered 200"),
    ("verify_ready", 74, "one token in 74 ms"),
    ("close", 1, "healed"),
)


def now_ms() -> int:
    """Wall time."""
    return int(time.time() * 1000)


def beats(state: State, *, flaky: float = 0.0, count: int = 60) -> tuple[Heartbeat, ...]:
    """The last checks, one every 5 s."""
    chance = random.Random(7)
    return tuple(
        Heartbeat(
            t_ms=now_ms() - age * 5000,
            ok=ok,
            state=state if ok else State.OFFLINE,
            response_ms=round(chance.uniform(2, 9), 1) if ok else None,
            reason=None if ok else "no answer within 2 s",
        )
        for age in range(count, 0, -1)
        for ok in [chance.random() >= flaky]
    )


def endpoint(name: str, kind: str, port: int, state: State, **more: object) -> EndpointView:
    """An endpoint with what most of them have in common."""
    serving = state in {State.ONLINE, State.DEGRADED}
    actions: dict[State, tuple[str, ...]] = {
        State.DISABLED: ("enable",),
        State.STOPPED: ("start", "disable"),
        State.FAILED: ("start", "heal", "disable"),
        State.BACKOFF: ("stop", "heal", "disable"),
    }
    known: dict[str, object] = {
        "model": None,
        "enabled": state is not State.DISABLED,
        "startable": True,
        "since_ms": now_ms() - 7_412_000,
        "pid": 41000 + port % 1000 if serving else None,
        "restart_count": 0,
        "response_ms": 3.4 if serving else None,
        "uptime_24h_pct": 99.98 if serving else 87.5,
        "actions": actions.get(state, ("stop", "restart", "heal", "disable")),
        **more,
    }
    url = f"http://127.0.0.1:{port}"
    return EndpointView(name=name, kind=kind, url=url, port=port, state=state, **known)  # type: ignore[arg-type]


def endpoints() -> list[EndpointView]:
    """One for most of the states."""
    now = now_ms()
    return [
        endpoint(
            "demo",
            "embedded",
            8081,
            State.ONLINE,
            model="SmolLM2-135M-Instruct.Q4_1.gguf",
            restart_count=7,
            incarnation=7,
            heartbeats=beats(State.ONLINE, flaky=0.05),
        ),
        endpoint(
            "ollama",
            "ollama",
            11434,
            State.DEGRADED,
            startable=False,
            response_ms=1840.0,
            reason="slow: the last 3 checks took longer than 1.5 s",
            hint="See whether another program uses the CPU.",
            uptime_24h_pct=98.71,
            actions=("heal", "disable"),
            heartbeats=beats(State.DEGRADED, flaky=0.1),
        ),
        endpoint(
            "qwen2.5-coder",
            "llamacpp",
            8082,
            State.BACKOFF,
            reason="exited with code 1: failed to load model: not enough memory",
            next_attempt_at_ms=now + 24_000,
            attempt=3,
            attempts_max=5,
            restart_count=3,
            heartbeats=beats(State.ONLINE, flaky=0.5),
        ),
        endpoint(
            "mistral-large",
            "vllm",
            8000,
            State.FAILED,
            reason="port 8000 is held by nginx (pid 99)",
            hint="Stop nginx or give this endpoint another port, then press Heal.",
            attempt=5,
            attempts_max=5,
            restart_count=5,
            uptime_24h_pct=0.0,
            heartbeats=beats(State.OFFLINE, flaky=1.0, count=20),
        ),
        endpoint(
            "llama-3.3-70b",
            "llamacpp",
            8083,
            State.LOADING,
            pid=41312,
            since_ms=now - 38_000,
            heartbeats=beats(State.LOADING, count=8),
        ),
        endpoint("whisper", "custom", 9000, State.DISABLED, uptime_24h_pct=None),
    ]


def incident(number: int, name: str, opened_ms: int, *, done: int | None = None) -> Incident:
    """The death and healing of an endpoint, all steps or only the first `done`."""
    steps: list[IncidentStep] = []
    t_ms = opened_ms
    shown = HEAL_STEPS if done is None else HEAL_STEPS[:done]
    for position, (step, took_ms, detail) in enumerate(shown):
        runs = done is not None and position == len(shown) - 1
        steps.append(
            IncidentStep(
                step=step,
                t_ms=t_ms,
                ok=None if runs else True,
                duration_ms=None if runs else took_ms,
                detail="" if runs else detail,
            )
        )
        t_ms += took_ms
    return Incident(
        id=f"inc-{number}",
        endpoint=name,
        cause="exit",
        summary=f"{name} was killed by SIGKILL",
        opened_ms=opened_ms,
        closed_ms=t_ms if done is None else None,
        outcome="healed" if done is None else None,
        duration_ms=t_ms - opened_ms if done is None else None,
        steps=tuple(steps),
        evidence=Evidence(
            pid=41822,
            signal="SIGKILL (killed from outside)",
            rss_bytes=214 * 1024**2,
            log_tail=ENGINE_LOG,
        ),
    )


def failed_incident() -> Incident:
    """One that could not be healed."""
    opened = now_ms() - 610_000
    steps = (
        IncidentStep(step="detected", t_ms=opened, ok=True, duration_ms=8),
        IncidentStep(step="verify", t_ms=opened + 8, ok=True, duration_ms=2004, detail="timeout"),
        IncidentStep(step="graceful_stop", t_ms=opened + 2012, ok=False, duration_ms=3000),
        IncidentStep(step="forced_stop", t_ms=opened + 5012, ok=True, duration_ms=31),
        IncidentStep(
            step="port",
            t_ms=opened + 5043,
            ok=False,
            duration_ms=12,
            detail="port 8000 is held by nginx (pid 99)",
        ),
    )
    return Incident(
        id="inc-1",
        endpoint="mistral-large",
        cause="unresponsive",
        summary="mistral-large did not answer 3 checks in a row",
        opened_ms=opened,
        closed_ms=opened + 5055,
        outcome="failed",
        duration_ms=5055.0,
        steps=steps,
        evidence=Evidence(pid=3911, port_holder="nginx (pid 99)"),
    )


def fields(*, gpu: bool) -> list[Field]:
    """What is measured."""
    found = [
        Field("cpu_usage_pct", "pct", "CPU", "cpu"),
        Field("cpu_cores", "count", "CPU cores", "cpu"),
        Field("load_1m", "ratio", "Load 1 min", "cpu"),
        Field("memory_usage_pct", "pct", "Memory", "memory"),
        Field("memory_used_bytes", "bytes", "Memory used", "memory"),
        Field("memory_available_bytes", "bytes", "Memory available", "memory"),
        Field("swap_used_bytes", "bytes", "Swap used", "memory"),
        Field("network_received_bytes_per_s", "bytes_per_s", "Network received", "network"),
        Field("network_sent_bytes_per_s", "bytes_per_s", "Network sent", "network"),
        Field("disk_read_bytes_per_s", "bytes_per_s", "Disk read", "disk"),
        Field("disk_write_bytes_per_s", "bytes_per_s", "Disk written", "disk"),
        Field("endpoint/demo/cpu_pct", "pct", "CPU", "endpoint"),
        Field("endpoint/demo/rss_bytes", "bytes", "Memory", "endpoint"),
        Field("model/demo/generation_tokens_per_s", "per_s", "Generation", "model"),
        Field("model/ollama/generation_tokens_per_s", "per_s", "Generation", "model"),
    ]
    return [*found, *demo_machine.fields(gpu=gpu)]


def sample(t_s: float, *, gpu: bool) -> dict[str, Value]:
    """Values that swing like those of a machine at work."""
    noise = random.Random(int(t_s))
    busy = 0.5 + 0.4 * math.sin(t_s / 47) + 0.1 * math.sin(t_s / 5)
    burst = max(0.0, math.sin(t_s / 61)) ** 3
    values: dict[str, Value] = {
        **demo_machine.sample(t_s, gpu=gpu),
        "cpu_usage_pct": round(max(1.0, min(100.0, 68 * busy + noise.uniform(-6, 6))), 1),
        "cpu_cores": 8,
        "load_1m": round(3.1 * busy + 0.4, 2),
        "memory_usage_pct": round(52 + 6 * math.sin(t_s / 160), 1),
        "memory_used_bytes": int((16.6 + 2 * math.sin(t_s / 160)) * GIB),
        "memory_available_bytes": int((15.4 - 2 * math.sin(t_s / 160)) * GIB),
        "swap_used_bytes": 312 * 1024**2,
        "network_received_bytes_per_s": int(2.6e6 * burst + noise.uniform(2e3, 9e4)),
        "network_sent_bytes_per_s": int(7e5 * burst + noise.uniform(1e3, 6e4)),
        "disk_read_bytes_per_s": int(9e7 * burst**2 + noise.uniform(0, 4e5)),
        "disk_write_bytes_per_s": int(noise.uniform(0, 3e6)),
        "endpoint/demo/cpu_pct": round(max(0.2, 140 * busy + noise.uniform(-9, 9)), 1),
        "endpoint/demo/rss_bytes": 214 * 1024**2 + int(9e6 * busy),
        "model/demo/generation_tokens_per_s": round(max(0.0, 84 * busy - 18), 1),
        "model/ollama/generation_tokens_per_s": round(31 * burst, 1),
    }
    return values
