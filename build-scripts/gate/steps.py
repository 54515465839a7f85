"""The gate's steps, the longest and then fast ones first, and the groups of `--only`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate import reports
from pipeline.job import Job
from places import PAGE, ROOT, WORKSHOP, node_tool, venv_program
from provision import chromium, test_electron

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.command import CommandLog

REPORTS = WORKSHOP / "reports"
SHELL_SOURCES = ROOT / "electron"
# Checks of ours that must be covered to the last branch: what they get wrong kills processes.
COVERED_FULLY = ",".join(
    f"*/llama_runner_pro/{part}"
    for part in (
        "resilience/*",
        "metrics/prometheus/names.py",
        *(f"supervision/{name}.py" for name in ("healer", "checks", "deaths", "moves", "commands")),
    )
)


@dataclass(frozen=True)
class Step:
    """A job of the gate, the group it is chosen by, and how its tests are counted."""

    job: Job
    group: str
    count: Callable[[], reports.Count] | None = None


def _command(*argv: str) -> Callable[[CommandLog], None]:
    return lambda log: log.run(argv)


def _check(name: str, group: str, title: str, *argv: str, needs: tuple[str, ...]) -> Step:
    return Step(Job(name, title, _command(*argv), needs=needs), group)


def _lint() -> list[Step]:
    ruff = venv_program("ruff")
    eslint = node_tool("eslint", "bin/eslint.js")
    prettier = node_tool("prettier", "bin/prettier.cjs")
    config = ("--config", str(PAGE / "eslint.config.js"))
    shell_config = ("--config", str(SHELL_SOURCES / "eslint.config.js"))
    return [
        _check("ruff", "lint", "Python lint", ruff, "check", ".", needs=("dev",)),
        _check(
            "ruff-format", "lint", "Python form", ruff, "format", "--check", ".", needs=("dev",)
        ),
        _check(
            *("prettier", "lint", "TypeScript and Vue form"),
            *(*prettier, "--check", "--log-level", "warn", "."),
            needs=("node",),
        ),
        _check(
            *("eslint", "lint", "TypeScript and Vue lint and layers"),
            *(*eslint, *config, "--max-warnings", "0", "frontend", "tests", "build-scripts"),
            needs=("node",),
        ),
        _check(
            *("eslint-shell", "lint", "Desktop window against Electron's security checklist"),
            *(*eslint, *shell_config, "--max-warnings", "0", "electron"),
            needs=("node",),
        ),
    ]


def _types() -> list[Step]:
    vue_tsc = node_tool("vue-tsc", "bin/vue-tsc.js")
    tsc = node_tool("typescript", "bin/tsc")
    python = venv_program("python")
    generator = str(ROOT / "build-scripts" / "gen_wire_types.py")
    return [
        _check("mypy", "types", "Python types", venv_program("mypy"), needs=("dev", "runtime")),
        _check(
            *("wire-types", "types", "types.ts matches the server"),
            *(python, generator, "--check"),
            needs=("package", "runtime", "node"),
        ),
        _check(
            "vue-tsc", "types", "Page types", *vue_tsc, "--project", "frontend", needs=("node",)
        ),
        _check(
            *("vue-tsc-tests", "types", "Page test types", *vue_tsc, "--project", "tests"),
            needs=("node",),
        ),
        *(
            _check(name, "types", title, *tsc, "--project", project, needs=("node",))
            for name, title, project in (
                ("tsc-shell", "Desktop window types, against the Electron that ships", "electron"),
                ("tsc-shell-page", "Types of the window's own page", "electron/pages"),
                ("tsc-shell-tests", "Desktop window test types", "tests/electron"),
            )
        ),
    ]


def _pytest(
    name: str, group: str, title: str, *arguments: str, needs: tuple[str, ...] = ()
) -> Step:
    report = REPORTS / f"{name}.xml"
    argv = (venv_program("python"), "-m", "pytest", f"--junit-xml={report}", *arguments)

    def run(log: CommandLog) -> None:
        report.unlink(missing_ok=True)
        log.run(argv)

    job = Job(
        name,
        title,
        run,
        needs=("dev", "servers", "package", "runtime", "demo", *needs),
        # While pip puts packages beside ours, no test looks at them.
        after=("clients", "freeze", "release"),
    )
    return Step(job, group, lambda: reports.from_junit(report))


def _bats(
    name: str, title: str, *files: str, needs: tuple[str, ...] = (), waits: bool = False
) -> Step:
    """Tests of the installers, of which nothing else needs to be built but `needs`."""
    folder = REPORTS / name
    report = folder / "report.xml"

    def run(log: CommandLog) -> None:
        report.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        log.run(("bats", "--report-formatter", "junit", "--output", str(folder), *files))

    job = Job(name, title, run, needs=("install_tools", *needs), waits=waits)
    return Step(job, "install", lambda: reports.from_junit(report))


def _browser() -> dict[str, str]:
    found = chromium.find()
    return {chromium.SETTING: found} if found else {}


def _electron() -> dict[str, str]:
    found = test_electron.find()
    return {test_electron.SETTING: str(found)} if found else {}


def _vitest(
    name: str,
    title: str,
    config: str,
    needs: tuple[str, ...],
    *,
    alone: bool = False,
    settings: Callable[[], dict[str, str]] = dict,
) -> Step:
    report = REPORTS / f"{name}.json"

    def run(log: CommandLog) -> None:
        report.unlink(missing_ok=True)
        log.run(
            (
                *node_tool("vitest", "vitest.mjs"),
                *("run", "--config", str(ROOT / config)),
                *("--reporter=default", "--reporter=json", f"--outputFile.json={report}"),
            ),
            settings(),
        )

    job = Job(name, title, run, needs=needs, alone=alone)
    return Step(job, name, lambda: reports.from_vitest(report))


def _coverage() -> Step:
    coverage = venv_program("coverage")

    def run(log: CommandLog) -> None:
        log.run((coverage, "report", "--skip-covered", "--show-missing"))
        fully = (f"--include={COVERED_FULLY}", "--fail-under=100", "--show-missing")
        log.run((coverage, "report", *fully))

    return Step(Job("coverage", "Branch coverage", run, needs=("pytest",)), "pytest")


def _chaos() -> Step:
    argv = (venv_program("python"), "-m", "tests.chaos", "--seconds", "60", "--seed", "1")
    needs = ("dev", "package", "runtime")
    return Step(
        Job("chaos", "Chaos for a minute", _command(*argv), needs=needs, alone=True), "chaos"
    )


def steps() -> list[Step]:
    """All steps, in the order they are begun."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    lint_imports = venv_program("lint-imports")
    return [
        # By far the longest two; the second takes no worker's place.
        _pytest(
            *("pytest", "pytest", "Server tests", "tests"),
            *("--ignore=tests/architecture", "--ignore=tests/packaging"),
            # The step named coverage judges it.
            *("--cov", "--cov-report=", "--cov-fail-under=0"),
            needs=("prometheus",),
        ),
        _bats("install-bat", "install.bat, in wine", "tests/installers/wine", waits=True),
        *_lint(),
        _check(
            *("layers", "layers", "Python layers", lint_imports, "--no-cache"),
            needs=("dev", "package", "runtime"),
        ),
        *_types(),
        _pytest("architecture", "architecture", "Architecture tests", "tests/architecture"),
        _vitest("shell", "Desktop window tests", "tests/electron/vitest.config.ts", ("node",)),
        _vitest("vitest", "Page tests", "tests/frontend/vitest.config.ts", ("node",)),
        _bats("installers", "install.sh", "tests/installers"),
        _coverage(),
        _pytest(
            *("conformance", "conformance", "Official clients at the gateway"),
            *("tests/conformance", "--override-ini=norecursedirs=node_modules"),
            needs=("clients", "node"),
        ),
        _pytest(
            *("frozen", "frozen", "The frozen sidecar"),
            *("tests/frozen", "--override-ini=norecursedirs=node_modules"),
            needs=("backend_build",),
        ),
        _pytest(
            *("distribution", "distribution", "Wheel and release"),
            *("tests/distribution", "--override-ini=norecursedirs=node_modules"),
            needs=("wheel_build", "headless_archive"),
        ),
        _pytest(
            *("packaging", "packaging", "Packing of the desktop app", "tests/packaging"),
            *("--ignore=tests/packaging/real", "--timeout=300"),
            needs=("node", "packaging_tools"),
        ),
        _pytest(
            *("packed", "packaging", "The packed desktop app", "tests/packaging/real"),
            needs=("packed_desktop", "packaging_tools"),
        ),
        _pytest(
            *("docker", "install", "The container"),
            *("tests/containers", "--override-ini=norecursedirs=node_modules"),
            needs=("container_image",),
        ),
        _bats(
            *("fresh-install", "From one command to a running dashboard"),
            "tests/installers/fresh",
            needs=("backend_build", "fresh_debian"),
        ),
        _vitest(
            *("e2e", "End to end, in a real Chromium", "tests/e2e/vitest.config.ts"),
            needs=("page", "package", "runtime", "demo", "chromium"),
            alone=True,
            settings=_browser,
        ),
        _vitest(
            *("desktop", "The desktop app, in a real Electron", "tests/desktop/vitest.config.ts"),
            needs=("packed_desktop", "test_electron", "package", "demo", "dev"),
            alone=True,
            settings=_electron,
        ),
        _chaos(),
    ]


def groups(all_steps: list[Step]) -> list[str]:
    """The names that `--only` takes: groups and single steps."""
    names = [step.group for step in all_steps] + [step.job.name for step in all_steps]
    return list(dict.fromkeys(names))


def chosen(all_steps: list[Step], only: list[str]) -> list[Step]:
    """The steps that `--only` asks for; all when it asks for none."""
    if not only:
        return all_steps
    picked = [step for step in all_steps if step.group in only or step.job.name in only]
    if any(step.job.name == "coverage" for step in picked) and "pytest" not in only:
        return [step for step in all_steps if step in picked or step.job.name == "pytest"]
    return picked
