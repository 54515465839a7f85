from __future__ import annotations

from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.model import Field

CPU = Field("cpu_usage_pct", "pct", "CPU", "cpu")
RSS = Field("endpoint/a/rss_bytes", "bytes", "Memory", "endpoint")
FDS = Field("endpoint/a/fds", "count", "Open files", "endpoint")
OTHER = Field("endpoint/ab/fds", "count", "Open files", "endpoint")


def declared(*fields: Field) -> Catalogue:
    catalogue = Catalogue()
    catalogue.declare(fields)
    return catalogue


def test_every_field_gets_its_own_number() -> None:
    assert declared(CPU, RSS, FDS).fields() == [(1, CPU), (2, RSS), (3, FDS)]


def test_declaring_the_same_again_changes_nothing() -> None:
    catalogue = declared(CPU)
    version = catalogue.version
    catalogue.declare([CPU])
    assert catalogue.version == version
    assert catalogue.fields() == [(1, CPU)]


def test_a_new_description_keeps_the_number() -> None:
    catalogue = declared(CPU, RSS)
    version = catalogue.version
    better = Field("cpu_usage_pct", "pct", "Processor", "cpu")
    catalogue.declare([better])
    assert catalogue.field("cpu_usage_pct") == better
    assert catalogue.id_of("cpu_usage_pct") == 1
    assert catalogue.version > version


def test_retiring_drops_all_fields_with_that_prefix_only() -> None:
    catalogue = declared(CPU, RSS, FDS, OTHER)
    catalogue.retire("endpoint/a/")
    assert list(catalogue.names()) == ["cpu_usage_pct", "endpoint/ab/fds"]


def test_dropping_takes_exact_names() -> None:
    catalogue = declared(CPU, RSS)
    catalogue.drop(["endpoint/a/rss_bytes", "never/there"])
    assert list(catalogue.names()) == ["cpu_usage_pct"]


def test_a_field_that_comes_back_has_its_old_number() -> None:
    catalogue = declared(CPU, RSS)
    catalogue.retire("endpoint/a/")
    catalogue.declare([FDS, RSS])
    assert catalogue.id_of("endpoint/a/rss_bytes") == 2
    assert catalogue.id_of("endpoint/a/fds") == 3


def test_a_number_is_never_given_to_another_field() -> None:
    catalogue = declared(RSS)
    catalogue.retire("endpoint/")
    catalogue.declare([CPU])
    assert catalogue.id_of("cpu_usage_pct") == 2


def test_the_version_rises_when_something_goes_and_only_then() -> None:
    catalogue = declared(CPU)
    before = catalogue.version
    catalogue.retire("nothing/")
    catalogue.drop(["nothing"])
    assert catalogue.version == before
    catalogue.retire("cpu_")
    assert catalogue.version == before + 1


def test_a_field_that_is_not_there_has_neither_number_nor_description() -> None:
    catalogue = declared(CPU)
    catalogue.retire("cpu_")
    assert catalogue.id_of("cpu_usage_pct") is None
    assert catalogue.field("cpu_usage_pct") is None
