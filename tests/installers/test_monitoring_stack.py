"""Prometheus and Grafana for many hosts: nothing that is referred to is missing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from fakes.real_prometheus import promtool

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK = Path(__file__).resolve().parents[2] / "installers" / "monitoring"
KUBERNETES = STACK / "kubernetes"
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+")
API_VERSIONS = {
    "ServiceAccount": "v1",
    "PersistentVolumeClaim": "v1",
    "Service": "v1",
    "Deployment": "apps/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
}


def read(path: Path) -> Any:
    """A YAML document."""
    return yaml.safe_load(path.read_text("utf-8"))


def manifests() -> list[dict[str, Any]]:
    """Everything that is applied, but the generated config maps."""
    return list(yaml.safe_load_all((KUBERNETES / "monitoring.yaml").read_text("utf-8")))


def deployments() -> dict[str, dict[str, Any]]:
    """Name → deployment."""
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == "Deployment"}


def config_maps() -> dict[str, dict[str, Path]]:
    """Name → key → file, as kustomize makes them."""
    found: dict[str, dict[str, Path]] = {}
    for generator in read(KUBERNETES / "kustomization.yaml")["configMapGenerator"]:
        files = found[generator["name"]] = {}
        for entry in generator["files"]:
            key, _, path = entry.rpartition("=")
            files[key or Path(path).name] = (KUBERNETES / path).resolve()
    return found


def bind_mounts(service: str) -> dict[str, Path]:
    """Place in the container → file of ours."""
    volumes = read(STACK / "compose.yaml")["services"][service]["volumes"]
    parts = [volume.split(":") for volume in volumes]
    return {part[1]: (STACK / part[0]).resolve() for part in parts if part[0].startswith(".")}


def test_every_file_that_compose_mounts_is_there_and_read_only() -> None:
    document = read(STACK / "compose.yaml")
    for name, service in document["services"].items():
        for place, path in bind_mounts(name).items():
            assert path.is_file(), place
        for volume in service["volumes"]:
            source, _, *options = volume.split(":")
            if source.startswith("."):
                assert options == ["ro"], volume
            else:
                assert source in document["volumes"], volume
        for secret in service.get("secrets", ()):
            assert secret in document["secrets"]


def test_images_are_pinned_to_the_same_versions_everywhere() -> None:
    services = read(STACK / "compose.yaml")["services"]
    composed = {name: service["image"] for name, service in services.items()}
    applied = {
        name: one["spec"]["template"]["spec"]["containers"][0]["image"]
        for name, one in deployments().items()
    }
    assert composed == applied
    assert all(PINNED.fullmatch(image) for image in composed.values())


def test_compose_opens_ports_on_loopback_only_and_demands_a_password() -> None:
    services = read(STACK / "compose.yaml")["services"]
    ports = [port for service in services.values() for port in service["ports"]]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    password = services["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"]
    assert password.startswith("${GRAFANA_PASSWORD:?")


def test_the_token_cannot_be_committed_by_accident() -> None:
    assert (STACK / ".gitignore").read_text().split() == ["token"]
    assert read(STACK / "compose.yaml")["secrets"] == {"token": {"file": "./token"}}


def test_every_manifest_says_what_it_is() -> None:
    for one in manifests():
        assert API_VERSIONS[one["kind"]] == one["apiVersion"]
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", one["metadata"]["name"])
    kinds = [(one["kind"], one["metadata"]["name"]) for one in manifests()]
    assert len(set(kinds)) == len(kinds)


def test_every_volume_of_a_pod_is_declared_mounted_and_backed() -> None:
    claims = {
        one["metadata"]["name"] for one in manifests() if one["kind"] == "PersistentVolumeClaim"
    }
    for one in deployments().values():
        pod = one["spec"]["template"]["spec"]
        declared = {volume["name"] for volume in pod["volumes"]}
        mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert declared == mounted
        for volume in pod["volumes"]:
            if "configMap" in volume:
                assert volume["configMap"]["name"] in config_maps()
            elif "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
            else:
                assert volume["secret"]["secretName"] == "llama-runner-token"


def test_selectors_services_and_probes_meet_their_pods() -> None:
    pods = deployments()
    for one in pods.values():
        template = one["spec"]["template"]
        assert one["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
        container = template["spec"]["containers"][0]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports
        assert template["spec"]["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["resources"]["limits"]["memory"]
    for service in (one for one in manifests() if one["kind"] == "Service"):
        labels = pods[service["metadata"]["name"]]["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()


def test_prometheus_may_look_for_pods_and_do_nothing_else() -> None:
    by_kind = {one["kind"]: one for one in manifests() if one["kind"] != "Service"}
    assert by_kind["ClusterRole"]["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]
    binding = by_kind["ClusterRoleBinding"]
    assert binding["roleRef"]["name"] == by_kind["ClusterRole"]["metadata"]["name"]
    (subject,) = binding["subjects"]
    assert subject["namespace"] == read(KUBERNETES / "kustomization.yaml")["namespace"]
    assert subject["name"] == by_kind["ServiceAccount"]["metadata"]["name"]
    account = deployments()["prometheus"]["spec"]["template"]["spec"]["serviceAccountName"]
    assert account == subject["name"]


def test_every_file_of_a_config_map_is_there() -> None:
    for files in config_maps().values():
        for key, path in files.items():
            assert path.is_file(), key


def test_grafana_finds_its_source_and_the_folder_of_the_dashboard() -> None:
    (source,) = read(STACK / "grafana" / "datasource.yml")["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    (provider,) = read(STACK / "grafana" / "dashboards.yml")["providers"]
    folder = provider["options"]["path"]
    assert any(place.startswith(f"{folder}/") for place in bind_mounts("grafana"))
    pod = deployments()["grafana"]["spec"]["template"]["spec"]
    assert folder in {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}


def without_pods(text: str) -> str:
    """Debian's Prometheus is built without looking for pods; that part is checked by itself."""
    document = yaml.safe_load(text)
    for job in document["scrape_configs"]:
        (pods,) = job.pop("kubernetes_sd_configs", [None])
        if pods is not None:
            label = pods["selectors"][0]["label"]
            assert pods == {"role": "pod", "selectors": [{"role": "pod", "label": label}]}
            assert label == "app.kubernetes.io/name=llama-runner-pro"
    return yaml.safe_dump(document)


def laid_out() -> Iterator[tuple[str, dict[str, Path], str]]:
    """Of each way to install: the files of Prometheus' container, and where its token is."""
    yield "compose", bind_mounts("prometheus"), "/run/secrets/token"
    files = {f"/etc/prometheus/{key}": path for key, path in config_maps()["prometheus"].items()}
    yield "kubernetes", files, "/run/secrets/llama-runner/token"


@pytest.mark.needs_prometheus
@pytest.mark.parametrize(
    ("way", "files", "token"), list(laid_out()), ids=lambda part: str(part)[:10]
)
def test_prometheus_accepts_its_configuration_with_all_it_refers_to(
    tmp_path: Path, way: str, files: dict[str, Path], token: str
) -> None:
    root = tmp_path / way
    for place, source in files.items():
        target = root / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    secret = root / token.lstrip("/")
    secret.parent.mkdir(parents=True)
    secret.write_text("secret")
    config = root / "etc" / "prometheus" / "prometheus.yml"
    text = without_pods(config.read_text())
    for folder in ("/etc/prometheus/", "/run/secrets/"):
        text = text.replace(f" {folder}", f" {root}{folder}")
    config.write_text(text)
    done = promtool("check", "config", str(config))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 rules found" in done.stdout
