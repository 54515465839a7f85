"""What a monitor remembers of its endpoint, and the numbers its decisions rest on. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from llama_runner_pro.endpoints.states import SERVING, State, check_transition

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import Action

AfterStop = Literal["stopped", "disabled", "start", "heal"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of one endpoint that decisions rest on; times in seconds."""

    startable: bool
    stop_command: bool = False
    inference: bool = False
    startup_period_s: float = 0.1
    startup_budget_s: float = 120.0
    liveness_period_s: float = 5.0
    liveness_failures: int = 3
    readiness_failures: int = 1
    restart_policy: Literal["always", "on-failure", "never"] = "always"
    backoff_initial_s: float = 1.0
    backoff_max_s: float = 60.0
    jitter: float = 0.2
    budget: int = 5
    budget_window_s: float = 600.0
    stable_after_s: float = 60.0
    final_exit_codes: frozenset[int] = frozenset()
    """Exit codes after which trying again cannot help (a missing model file, say)."""

    @classmethod
    def of(
        cls,
        spec: EndpointSpec,
        *,
        startable: bool,
        check_interval_s: float,
        inference: bool,
        final_exit_codes: frozenset[int] = frozenset(),
    ) -> Policy:
        """Read the numbers out of a spec.

        Older configs say `restart_delay` and `max_restart_attempts`; both win over `restart`.
        """
        restart, probes = spec.restart, spec.probes
        initial, cap = restart.backoff_initial_s, restart.backoff_max_s
        if spec.restart_delay is not None:
            initial, cap = spec.restart_delay, max(spec.restart_delay, cap)
        budget = restart.budget if spec.max_restart_attempts is None else spec.max_restart_attempts
        return cls(
            startable=startable,
            stop_command=bool(spec.stop_command),
            inference=inference and probes.inference.enabled,
            startup_period_s=probes.startup.period_s,
            startup_budget_s=probes.startup_budget_s,
            liveness_period_s=check_interval_s,
            liveness_failures=probes.liveness.failures,
            readiness_failures=probes.readiness.failures,
            restart_policy=restart.policy,
            backoff_initial_s=initial,
            backoff_max_s=cap,
            jitter=restart.jitter,
            budget=budget,
            budget_window_s=restart.budget_window_s,
            stable_after_s=restart.stable_after_s,
            final_exit_codes=final_exit_codes,
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything the healer knows about one endpoint. Times are monotonic seconds."""

    state: State
    since_s: float
    reason: str | None = None
    hint: str | None = None
    watching: bool = False
    wanted: bool = True
    """It should run; False after a stop on request, so that nothing starts it behind your back."""
    alive: bool = False
    """A process of ours exists."""
    incarnation: int = 0
    token: int = 0
    """Number of the newest order; answers to older ones are dropped."""
    pending: str | None = None
    """The order whose answer is awaited: spawn, stop, or a probe's purpose."""
    wake_at_s: float | None = None
    failures: int = 0
    """Checks failed in a row."""
    failed_starts: int = 0
    restarts_in_run: int = 0
    """Restarts since it was last stable."""
    restarts_total: int = 0
    deaths_s: tuple[float, ...] = ()
    progress_at_s: float = 0.0
    online_since_s: float | None = None
    after_stop: AfterStop = "stopped"
    incident: bool = False
    next_attempt_at_s: float | None = None

    @property
    def serving(self) -> bool:
        """It may get requests."""
        return self.state in SERVING

    def moved(self, state: State, now: float, reason: str | None = None) -> Condition:
        """Go to `state`; raises IllegalTransition on a move the table does not know.

        Reason and hint always follow the newest move.
        """
        check_transition(self.state, state)
        return replace(
            self,
            state=state,
            since_s=self.since_s if state is self.state else now,
            reason=reason,
            hint=None,
            next_attempt_at_s=None,
            online_since_s=(
                (self.online_since_s if self.serving else now) if state in SERVING else None
            ),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The next condition and what has to be done to get there."""

    condition: Condition
    actions: tuple[Action, ...] = ()

    def then(self, *actions: Action) -> Decision:
        """The same with more to do afterwards."""
        return Decision(self.condition, (*self.actions, *actions))
