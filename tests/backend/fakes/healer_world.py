"""A world for the healer to be wrong in: one process, answers that come late, people who meddle.

Orders are carried out as the monitor does it: whatever starts, finds or stops the process takes
its turn, checks run beside that, and every answer goes through one mailbox. After each decision
the rules are checked that must hold whatever happens.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from llama_runner_pro.endpoints.states import RESTING, SERVING, State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.commands import refusal
from llama_runner_pro.supervision.condition import Condition, Policy
from llama_runner_pro.supervision.healer import decide

if TYPE_CHECKING:
    from random import Random

COMMANDS: tuple[e.CommandName, ...] = get_args(e.CommandName)
ACTIVITIES: tuple[e.Activity, ...] = get_args(e.Activity)
VERDICTS = ("ok", "ok", "loading", "failed", "refused", "timeout")
CHECKED_ON = SERVING | {State.OFFLINE, State.FAILED}


@dataclass
class HealerWorld:
    """`step` lets one thing happen by chance; `calm` stops all mischief."""

    policy: Policy
    random: Random
    condition: Condition = field(default_factory=lambda: Condition(State.STOPPED, 0.0))
    now_s: float = 0.0
    mischief: bool = True
    running: int | None = None
    """Incarnation of the process that runs."""
    turns: deque[e.Spawn | e.StopProcess | e.Probe] = field(default_factory=deque)
    checks: list[e.Probe] = field(default_factory=list)
    mailbox: deque[e.Fact] = field(default_factory=deque)
    incident_open: bool = False
    stopped_by_user: bool = False
    spawns: int = 0
    incidents: int = 0
    seen: set[State] = field(default_factory=set)

    def step(self) -> None:
        """One thing happens: an answer arrives, the process dies, a person presses a button."""
        happenings = [self._turn, self._check, self._deliver, self._deliver, self._pass_time]
        if self.mischief:
            happenings += [self._die, self._command, self._complain]
        self.random.choice(happenings)()

    def calm(self, steps: int) -> None:
        """From now on everything works and nobody interferes."""
        self.mischief = False
        self._parent(None)
        for _ in range(steps):
            self.step()

    def tell(self, name: e.CommandName) -> None:
        """A person presses a button; what makes no sense is refused, as in the monitor."""
        if refusal(self.policy, self.condition, name) is None:
            self.mailbox.append(e.Command(name))

    def _command(self) -> None:
        if self.random.random() < 0.1:
            self.tell(self.random.choice(COMMANDS))

    def _complain(self) -> None:
        """Clients get errors, or what it depends on goes down and comes back."""
        if self.random.random() < 0.02:
            self.mailbox.append(e.CompletionsFailed(3))
        if self.random.random() < 0.02:
            self._parent(self.random.choice((None, None, None, "db")))

    def _parent(self, name: str | None) -> None:
        self.mailbox.append(e.ParentChanged(name))

    def _pass_time(self) -> None:
        self.now_s += self.random.choice((0.0, 0.1, 1.0, 5.0, 70.0))
        wake = self.condition.wake_at_s
        if wake is not None and not self.mischief:
            self.now_s = max(self.now_s, wake)
        self.mailbox.append(e.Due())

    def _die(self) -> None:
        if self.running is not None and self.random.random() < 0.3:
            self._end("SIGKILL", self.random.choice((0, 1, 66, None)))

    def _end(self, signal: str | None, code: int | None) -> None:
        assert self.running is not None
        oom = self.random.choice((*(None,) * 5, "its log says so"))
        how = None if code is not None else signal
        self.mailbox.append(e.Exited(self.running, code, how, None, oom))
        self.running = None

    def _turn(self) -> None:
        if not self.turns:
            return
        order = self.turns.popleft()
        if isinstance(order, e.Spawn):
            self._spawn(order)
        elif isinstance(order, e.StopProcess):
            self._stop(order)
        else:
            self._adopt(order)

    def _spawn(self, order: e.Spawn) -> None:
        assert self.running is None, "a second process was started"
        self.spawns += 1
        if self.mischief and self.random.random() < 0.3:
            final = self.random.random() < 0.2
            self.mailbox.append(e.SpawnFailed(order.token, "no such program", None, final))
            return
        self.running = order.incarnation
        self.mailbox.append(e.Spawned(order.token, 100 + order.incarnation))

    def _stop(self, order: e.StopProcess) -> None:
        if self.mischief and self.running is not None and self.random.random() < 0.1:
            self.mailbox.append(e.StopEnded(order.token, False, "pid 7 survived"))
            return
        if self.running is not None:
            self._end("SIGTERM", None)
        self.mailbox.append(e.StopEnded(order.token, True, "1 process ended"))

    def _adopt(self, order: e.Probe) -> None:
        found = self.running is None and self.mischief and self.random.random() < 0.2
        if found and not self.condition.alive and not self._start_is_on_its_way():
            self.running = self.condition.incarnation + 1
            self.mailbox.append(e.Adopted(self.running, 50, self.random.randrange(9)))
        elif not self.condition.alive and self.running is None and self.random.random() < 0.1:
            self.mailbox.append(e.Missed(self.condition.incarnation, 2))
        self.checks.append(order)

    def _start_is_on_its_way(self) -> bool:
        return any(isinstance(order, e.Spawn) for order in self.turns)

    def _check(self) -> None:
        if not self.checks:
            return
        order = self.checks.pop(self.random.randrange(len(self.checks)))
        verdict = self.random.choice(VERDICTS) if self.mischief else self._true_verdict()
        moved = self.random.random() < 0.5
        activity = self.random.choice(ACTIVITIES) if self.mischief else "idle"
        doubtful = self.mischief and self.random.random() < 0.1
        self.mailbox.append(
            e.Probed(order.token, order.purpose, verdict, "why", 1.0, moved, activity, doubtful)
        )

    def _true_verdict(self) -> e.Verdict:
        return "ok" if self.running is not None else "refused"

    def _deliver(self) -> None:
        if not self.mailbox:
            return
        fact = self.mailbox.popleft()
        before = self.condition
        self._note_wishes(fact, before)
        decision = decide(self.policy, before, fact, self.now_s, self.random.random())
        self.condition = decision.condition
        self.seen.add(self.condition.state)
        for action in decision.actions:
            self._perform(action)
        self._check_rules(fact, before)

    def _note_wishes(self, fact: e.Fact, c: Condition) -> None:
        if isinstance(fact, e.Command) and refusal(self.policy, c, fact.name) is None:
            if fact.name == "stop":
                self.stopped_by_user = True
            elif fact.name in ("start", "restart", "enable", "heal", "heal_now"):
                self.stopped_by_user = False

    def _perform(self, action: e.Action) -> None:
        match action:
            case e.Spawn():
                assert not any(isinstance(order, e.Spawn) for order in self.turns)
                assert not self.condition.alive, "started while a process is known to run"
                assert not self.stopped_by_user, "started after it was stopped on request"
                self.turns.append(action)
            case e.StopProcess():
                self.turns.append(action)
            case e.Probe():
                (self.turns if action.purpose == "first" else self.checks).append(action)
            case e.OpenIncident():
                assert not self.incident_open, "a second incident was opened"
                self.incident_open = True
                self.incidents += 1
            case e.CloseIncident():
                assert self.incident_open, "an incident was closed twice"
                self.incident_open = False

    def _check_rules(self, fact: e.Fact, before: Condition) -> None:
        c = self.condition
        story = f"{before.state} --{fact}--> {c}"
        assert c.incident == self.incident_open, story
        if c.state in (State.HEALING, State.BACKOFF):
            assert c.incident, story
        elif c.state is not State.STOPPING:
            assert not c.incident, story
        if c.state is State.DISABLED:
            assert c.pending is None, story
            assert c.wake_at_s is None, story
        if c.pending is not None:
            assert self._will_be_answered(c.token), story
        elif c.wake_at_s is None:
            assert c.state in SERVING | RESTING, f"stuck: {story}"
            assert not (c.watching and c.state in CHECKED_ON), f"unwatched: {story}"

    def _will_be_answered(self, token: int) -> bool:
        orders = (*self.turns, *self.checks, *self.mailbox)
        return any(getattr(order, "token", None) == token for order in orders)
