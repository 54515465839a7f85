"""What a monitor remembers of its endpoint, and the numbers its decisions rest on. Values only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.spec import ProbeSpec
from llama_runner_pro.endpoints.states import SERVING, State, check_transition

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import Proposal
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import Action, Purpose

AfterStop = Literal["stopped", "unloaded", "disabled", "start", "heal"]
Pending = Literal["spawn", "stop"]


class Policy(ValueObject, frozen=True):
    """The numbers of one endpoint that decisions rest on; times in seconds."""

    startable: bool
    stop_command: bool = False
    inference: bool = False
    startup_period_s: float = 0.1
    startup_budget_s: float = 120.0
    liveness_period_s: float = 5.0
    liveness_failures: int | None = 3
    """Failures in a row that call for a repair; None: silence alone never does."""
    readiness_failures: int | None = 1
    """Failures in a row that make it DEGRADED; None: they never do."""
    restart_policy: Literal["always", "on-failure", "never"] = "always"
    backoff_initial_s: float = 1.0
    backoff_max_s: float = 60.0
    jitter: float = 0.2
    budget: int = 5
    """Failed starts in a row before giving up; 0: no limit."""
    deaths_budget: int = 5
    """Deaths within the window before giving up; 0: no limit."""
    budget_window_s: float = 600.0
    stable_after_s: float = 60.0
    final_exit_codes: frozenset[int] = frozenset()
    """Exit codes after which trying again cannot help (a missing model file, say)."""
    stall_s: float = 60.0
    """Time without progress after which a request in flight counts as stuck."""
    smaller: Proposal | None = None
    """What to propose when memory does not suffice."""
    on_demand: bool = False
    """Not started before somebody asks for it; once it runs, it is kept running like any other."""

    @classmethod
    def of(
        cls,
        spec: EndpointSpec,
        *,
        startable: bool,
        check_interval_s: float,
        inference: bool,
        final_exit_codes: frozenset[int] = frozenset(),
        smaller: Proposal | None = None,
        on_demand: bool = False,
    ) -> Policy:
        """Read the numbers out of a spec.

        Older configs say `restart_delay` and `max_restart_attempts`; both win over `restart`.
        The former is the delay of each attempt after the first, the latter how many restarts
        follow a start: 0 is the policy `never`. `check_interval_s` holds where the spec says
        nothing else for its liveness check.
        """
        restart, probes = spec.restart, spec.probes
        initial, cap = restart.backoff_initial_s, restart.backoff_max_s
        if spec.restart_delay is not None:
            initial = cap = spec.restart_delay
        restart_policy, budget, deaths = restart.policy, restart.budget, restart.budget
        if spec.max_restart_attempts is not None:
            budget, deaths = spec.max_restart_attempts, spec.max_restart_attempts + 1
            restart_policy = restart_policy if budget else "never"
        liveness, readiness = probes.liveness, probes.readiness
        usual = liveness.period_s == ProbeSpec().period_s
        return cls(
            startable=startable,
            stop_command=bool(spec.stop_command),
            inference=inference and probes.inference.enabled,
            startup_period_s=probes.startup.period_s,
            startup_budget_s=probes.startup_budget_s,
            liveness_period_s=check_interval_s if usual else liveness.period_s,
            liveness_failures=liveness.failures if liveness.enabled else None,
            readiness_failures=readiness.failures if readiness.enabled else None,
            restart_policy=restart_policy,
            backoff_initial_s=initial,
            backoff_max_s=cap,
            jitter=restart.jitter,
            budget=budget,
            deaths_budget=deaths,
            budget_window_s=restart.budget_window_s,
            stable_after_s=restart.stable_after_s,
            final_exit_codes=final_exit_codes,
            stall_s=probes.stall_s,
            smaller=smaller,
            on_demand=on_demand,
        )

    def paced(self, least_s: float) -> Policy:
        """The same with at least that long between two checks."""
        return replace(self, liveness_period_s=max(self.liveness_period_s, least_s))

    def patient(self) -> Policy:
        """The same with twice the budget, as debug mode has it."""
        return replace(self, budget=2 * self.budget, deaths_budget=2 * self.deaths_budget)

    @property
    def mends(self) -> bool:
        """What dies or hangs is started again."""
        return self.startable and self.restart_policy != "never"


class Condition(ValueObject, frozen=True):
    """Everything the healer knows about one endpoint. Times are monotonic seconds."""

    state: State
    since_s: float
    reason: str | None = None
    hint: str | None = None
    proposal: Proposal | None = None
    waiting_for: str | None = None
    """The endpoint it depends on and that is down."""
    watching: bool = False
    wanted: bool = True
    """It should run; False after a stop on request, so that nothing starts it behind your back."""
    summoned: bool = False
    """Somebody asked for it to run, now that it is started on demand only."""
    alive: bool = False
    """A process of ours exists."""
    incarnation: int = 0
    token: int = 0
    """Number of the newest order; answers to older ones are dropped."""
    pending: Pending | Purpose | None = None
    """The order whose answer is awaited: spawn, stop, or a probe's purpose."""
    wake_at_s: float | None = None
    checked_at_s: float = -math.inf
    """When the newest liveness check began."""
    failures: int = 0
    """Checks failed in a row."""
    false_alarm: bool = False
    """Its health check fails, its completions do not: looked into once, and left alone."""
    failed_starts: int = 0
    restarts_in_run: int = 0
    """Restarts since it was last stable."""
    restarts_total: int = 0
    deaths_s: tuple[float, ...] = ()
    ooms: int = 0
    """Times that memory ran out since it was last stable."""
    missed: bool = False
    """Its process ended while no sidecar watched."""
    progress_at_s: float = 0.0
    moved_at_s: float = 0.0
    """When requests in flight were last not seen to be stuck."""
    online_since_s: float | None = None
    after_stop: AfterStop = "stopped"
    incident: bool = False
    next_attempt_at_s: float | None = None

    @property
    def enabled(self) -> bool:
        """Not switched off, nor about to be."""
        ending = self.state is State.STOPPING and self.after_stop == "disabled"
        return self.state is not State.DISABLED and not ending

    @property
    def serving(self) -> bool:
        """It may get requests."""
        return self.state in SERVING

    def moved(self, state: State, now: float, reason: str | None = None) -> Condition:
        """Go to `state`; raises IllegalTransition on a move the table does not know.

        Reason, hint and proposal always follow the newest move.
        """
        check_transition(self.state, state)
        return replace(
            self,
            state=state,
            since_s=self.since_s if state is self.state else now,
            reason=reason,
            hint=None,
            proposal=None,
            next_attempt_at_s=None,
            online_since_s=(
                (self.online_since_s if self.serving else now) if state in SERVING else None
            ),
        )


class Decision(ValueObject, frozen=True):
    """The next condition and what has to be done to get there."""

    condition: Condition
    actions: tuple[Action, ...] = ()

    def then(self, *actions: Action) -> Decision:
        """The same with more to do afterwards."""
        return Decision(self.condition, (*self.actions, *actions))
