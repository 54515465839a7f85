"""Makes the image's folder by doing what the Dockerfile says, step by step, in changed roots.

The base images cannot be had everywhere; a fresh Debian of the same release stands for them. It
holds ca-certificates and curl besides, and for the image of Node this computer's own Node is put
in. Everything else is what a container engine would do: the same commands, as the same users.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from containers.dockerfile import Ignored, Instruction, Stage, stages
from pipeline.job import JobFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.command import CommandLog

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# How this computer reaches package servers is its own business: these go along, nothing else.
_PASSED_ON = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT"),
    *("NPM_CONFIG_REGISTRY", "npm_config_registry"),
)
_CERTIFICATE_NAMES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
_SETTINGS = (".npmrc", ".config/pip/pip.conf", ".pip/pip.conf")
_NODE = (Path("/usr/bin/node"), Path("/usr/lib/node_modules/npm"))


@dataclass
class Settings:
    """What an image says about how it is run."""

    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"
    volumes: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    stop_signal: str = "SIGTERM"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path) -> Settings:
        """As they were written down beside the image's folder."""
        return cls(**json.loads(file.read_text("utf-8")))

    def write(self, file: Path) -> None:
        """For whoever runs it."""
        file.write_text(json.dumps(asdict(self), indent=2), "utf-8")


class Walk:
    """One walk through a Dockerfile, in a folder of its own."""

    def __init__(self, context: Path, base: Path, folder: Path, log: CommandLog) -> None:
        """`base` is the fresh Debian; `folder` takes the roots of all stages."""
        self._context, self._base, self._folder, self._log = context, base, folder, log
        lines = (context / ".dockerignore").read_text("utf-8").splitlines()
        self._ignored = Ignored(lines)
        self._roots: dict[str, Path] = {}

    def image(self) -> tuple[Path, Settings]:
        """The last stage's root, and how it is run. Raises JobFailed."""
        done: tuple[Path, Settings] | None = None
        for number, stage in enumerate(stages((self._context / "Dockerfile").read_text("utf-8"))):
            root = self._folder / (stage.name or str(number))
            self._base_of(stage, root)
            settings = Settings()
            for one in stage.instructions:
                self._do(one, root, settings)
            self._roots[stage.name or str(number)] = root
            done = root, settings
        if done is None:
            raise JobFailed("the Dockerfile has no stage")
        return done

    def _base_of(self, stage: Stage, root: Path) -> None:
        name, _, digest = stage.image.partition("@")
        if not digest.startswith("sha256:"):
            raise JobFailed(f"{stage.image}: a base image must be pinned by its digest")
        if "bookworm" not in name:
            raise JobFailed(f"{stage.image}: there is only Debian bookworm to stand for it")
        self._log.run(["cp", "--archive", str(self._base), str(root)])
        for settings in _SETTINGS:
            own = Path.home() / settings
            if own.is_file():
                (root / "root" / settings).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(own, root / "root" / settings)
        shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
        if Path(CERTIFICATES).is_file():
            shutil.copy(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
        if name.startswith("node:"):
            for part in _NODE:
                target = root / part.relative_to("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                self._log.run(["cp", "--archive", str(part), str(target)])
            npm = root / "usr" / "bin" / "npm"
            npm.symlink_to("../lib/node_modules/npm/bin/npm-cli.js")

    def _do(self, one: Instruction, root: Path, settings: Settings) -> None:
        match one.name:
            case "RUN":
                self._run(one, root, settings)
            case "COPY":
                self._copy(one, root, settings)
            case "WORKDIR":
                settings.workdir = one.text
                (root / one.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "ENV":
                settings.env |= dict(word.split("=", 1) for word in one.words)
            case _:
                _note(one, settings)

    def _run(self, one: Instruction, root: Path, settings: Settings) -> None:
        here = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        if Path(CERTIFICATES).is_file():
            here |= dict.fromkeys(_CERTIFICATE_NAMES, CERTIFICATES)
        usual = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        env = usual | {"HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"} | here | settings.env
        script = 'root=$1 user=$2 dir=$3; shift 3; mount -t proc proc "$root/proc"; '
        script += (
            'exec chroot --userspec="$user" "$root" '
            '/usr/bin/env --ignore-environment --chdir="$dir" "$@"'
        )
        words = [f"{name}={value}" for name, value in env.items()]
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script, "sh"]
        inside = [str(root), settings.user, settings.workdir, *words, "/bin/sh", "-c", one.text]
        self._log.run([*apart, *inside])

    def _copy(self, one: Instruction, root: Path, settings: Settings) -> None:
        options, rest = one.options()
        *sources, target = Instruction("COPY", rest, one.line).words
        place = Path(settings.workdir) / target
        into = root / str(place).lstrip("/")
        for source in sources:
            if "from" in options:
                self._copy_from(self._roots[options["from"]] / source.lstrip("/"), into)
            else:
                whole = target.endswith("/") or len(sources) > 1
                self._copy_context(source, into, keep_name=whole)

    def _copy_from(self, source: Path, into: Path) -> None:
        into.parent.mkdir(parents=True, exist_ok=True)
        self._log.run(["cp", "--archive", "--no-target-directory", str(source), str(into)])

    def _copy_context(self, source: str, into: Path, *, keep_name: bool) -> None:
        origin = self._context / source
        if origin.is_file() and not self._ignored(source):
            target = into / origin.name if keep_name or into.is_dir() else into
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, target)
            return
        found = False
        for file in self._sent(origin):
            found = True
            target = into / file.relative_to(origin)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        if not found:
            raise JobFailed(f"COPY {source}: the build context has no such thing")

    def _sent(self, folder: Path) -> Iterator[Path]:
        """The files below a folder that .dockerignore lets through."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not self._ignored(path.relative_to(self._context).as_posix()):
                yield path


def _note(one: Instruction, settings: Settings) -> None:
    match one.name:
        case "USER":
            settings.user = one.text
        case "VOLUME":
            settings.volumes = one.words
        case "EXPOSE":
            settings.ports = [int(word) for word in one.words]
        case "STOPSIGNAL":
            settings.stop_signal = one.text
        case "ENTRYPOINT":
            settings.entrypoint = one.words
        case "CMD":
            settings.command = one.words
        case "HEALTHCHECK":
            _, rest = one.options()
            settings.health = Instruction("CMD", rest.removeprefix("CMD").strip(), one.line).words
        case _:
            raise JobFailed(f"Dockerfile, line {one.line}: {one.name} is not understood here")
