"""The road of every change: checked, written, applied; or nothing at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes.configured import START, Configured

from llama_runner_pro.config.refusals import ApplyFailed, NotSaved, UnknownBackup, VersionConflict
from llama_runner_pro.core.errors import ConfigError, Refused, UnknownEndpoint

if TYPE_CHECKING:
    from pathlib import Path

SHORTER: dict[str, Any] = {"endpoints": [{"name": "org/model", "port": 8082}]}
BAD: dict[str, Any] = {"chek_interval": 1, "endpoints": [{"name": "a", "port": "x"}, {"nam": 1}]}


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    return Configured(tmp_path)


async def test_a_change_is_on_disk_and_runs(configured: Configured) -> None:
    changes = await configured.store.save(SHORTER, configured.store.version)
    assert changes.removed == ("demo",)
    assert configured.on_disk == SHORTER
    assert configured.running == ["org/model"]
    assert [len(config.endpoints) for config in configured.applied] == [1]
    (news,) = configured.news
    assert (news.version, news.origin, news.problems) == (configured.store.version, "api", ())


async def test_the_same_document_changes_nothing(configured: Configured) -> None:
    version, before = configured.store.version, configured.path.read_bytes()
    await configured.store.save((await configured.store.shown()).document, version)
    assert configured.store.version == version
    assert configured.path.read_bytes() == before
    assert configured.applied == []


async def test_nobody_overwrites_what_they_have_not_seen(configured: Configured) -> None:
    seen = configured.store.version
    await configured.store.save(SHORTER, seen)
    with pytest.raises(VersionConflict) as refused:
        await configured.store.save(START, seen)
    assert refused.value.present == configured.store.version
    assert configured.on_disk == SHORTER


async def test_an_edit_that_was_not_noticed_yet_is_a_conflict_too(configured: Configured) -> None:
    seen = configured.store.version
    configured.path.write_text(json.dumps(SHORTER))
    with pytest.raises(VersionConflict):
        await configured.store.save({"endpoints": []}, seen)
    assert configured.running == ["org/model"]
    assert configured.on_disk == SHORTER


async def test_all_problems_are_told_and_nothing_happens(configured: Configured) -> None:
    before, version = configured.path.read_bytes(), configured.store.version
    with pytest.raises(ConfigError) as refused:
        await configured.store.save(BAD, version)
    paths = {problem.path for problem in refused.value.problems}
    assert paths >= {"chek_interval", "endpoints[0].port", "endpoints[1].nam", "endpoints[1].name"}
    assert configured.path.read_bytes() == before
    assert (configured.store.version, configured.applied, configured.news) == (version, [], [])
    assert await configured.store.backups() == []


async def test_shown_without_secrets_and_kept_with_them(configured: Configured) -> None:
    shown = await configured.store.shown()
    assert "s3cret-value" not in str(shown.document)
    shown.document["check_interval"] = 9
    await configured.store.save(shown.document, shown.version)
    assert configured.on_disk["endpoints"] == START["endpoints"]
    assert configured.store.config.endpoints[0].headers == {"Authorization": "Bearer s3cret-value"}


async def test_when_applying_fails_file_and_configuration_are_put_back(
    configured: Configured,
) -> None:
    before, version = configured.path.read_bytes(), configured.store.version
    configured.fails = [ApplyFailed("stopping demo", "pid 7 survived")]
    with pytest.raises(ApplyFailed, match="stopping demo"):
        await configured.store.save(SHORTER, version)
    assert configured.path.read_bytes() == before
    assert configured.store.version == version
    assert [len(config.endpoints) for config in configured.applied] == [1, 2]
    assert configured.changes[1].added == ("demo",)
    assert await configured.store.backups() == []


async def test_the_first_reason_is_told_even_when_undoing_fails(configured: Configured) -> None:
    configured.fails = [ApplyFailed("one", "x"), ApplyFailed("two", "y")]
    with pytest.raises(ApplyFailed, match="one: x"):
        await configured.store.save(SHORTER, None)


async def test_what_cannot_be_written_changes_nothing(configured: Configured) -> None:
    # A file where the folder of backups should be.
    (configured.path.parent / "backups").write_text("")
    with pytest.raises(NotSaved) as refused:
        await configured.store.save(SHORTER, None)
    assert str(configured.path) in str(refused.value)
    assert configured.on_disk == START
    assert configured.applied == []


async def test_without_a_file_the_first_change_makes_one(tmp_path: Path) -> None:
    configured = Configured(tmp_path, None)
    assert (await configured.store.shown()).source is None
    await configured.store.add({"name": "a", "port": 1}, configured.store.version)
    assert configured.on_disk == {"endpoints": [{"name": "a", "port": 1}]}
    assert (await configured.store.shown()).source == configured.default
    assert await configured.store.backups() == []


async def test_an_older_file_is_taken_over_and_never_written_to(tmp_path: Path) -> None:
    older = {"models": {"a": {"url": "http://127.0.0.1:1", "status": "online"}}}
    configured = Configured(tmp_path, older, name="ai_monitor_config.json")
    shown = await configured.store.shown()
    assert shown.saves_to == configured.default
    assert "never written to" in (shown.note or "")
    await configured.store.add({"name": "b", "port": 2}, shown.version)
    assert configured.on_disk == older
    names = [entry["name"] for entry in json.loads(configured.default.read_bytes())["endpoints"]]
    assert names == ["a", "b"]
    after = await configured.store.shown()
    assert after.source == configured.default
    assert "was left as it is" in (after.note or "")
    await configured.store.rollback(after.backups[0].id, None)
    assert configured.running == ["a"]


async def test_an_older_document_may_be_saved_and_is_kept_in_our_words(
    configured: Configured,
) -> None:
    await configured.store.save({"models": [{"name": "x", "port": 3}]}, None)
    assert configured.on_disk == {"endpoints": [{"name": "x", "port": 3}]}
    with pytest.raises(ConfigError, match="expected a list or an object"):
        await configured.store.save({"models": 5}, None)


async def test_single_endpoints_are_added_changed_and_removed(configured: Configured) -> None:
    store = configured.store
    assert (await store.add({"name": "c", "port": 8083}, None)).added == ("c",)
    assert (await store.put("c", {"port": 8084}, None)).replaced == ("c",)
    changes = await store.put("c", {"name": "d", "port": 8084}, None)
    assert (changes.added, changes.removed) == (("d",), ("c",))
    assert (await store.remove("demo", store.version)).removed == ("demo",)
    assert configured.running == ["org/model", "d"]


async def test_some_keys_of_an_endpoint_can_be_changed(configured: Configured) -> None:
    await configured.store.save(SHORTER, None)
    await configured.store.amend("org/model", {"port": 8099})
    assert configured.on_disk == {"endpoints": [{"name": "org/model", "port": 8099}]}


async def test_some_keys_of_a_section_can_be_changed(configured: Configured) -> None:
    await configured.store.save(SHORTER, None)
    await configured.store.amend_section("gateway", {"queue": 5})
    await configured.store.amend_section("gateway", {"host": "::1"})
    assert configured.on_disk["gateway"] == {"queue": 5, "host": "::1"}
    assert configured.store.config.gateway.queue == 5


async def test_what_does_not_exist_cannot_be_changed(configured: Configured) -> None:
    for change in (configured.store.put("x", {}, None), configured.store.remove("x", None)):
        with pytest.raises(UnknownEndpoint):
            await change


async def test_the_demo_is_in_no_file_and_stays(tmp_path: Path) -> None:
    configured = Configured(tmp_path, {"endpoints": []}, demo=True)
    with pytest.raises(Refused, match="comes from the command line"):
        await configured.store.remove("demo", None)
    await configured.store.save({"endpoints": [{"name": "a", "port": 1}]}, None)
    assert configured.running == ["a", "demo"]
    assert [entry["name"] for entry in configured.on_disk["endpoints"]] == ["a"]


async def test_a_rollback_returns_to_what_was_and_can_be_rolled_back(
    configured: Configured,
) -> None:
    store, first = configured.store, configured.store.version
    await store.save(SHORTER, None)
    second = store.version
    (backup,) = await store.backups()
    assert (backup.version, backup.endpoints) == (first, 2)
    await store.rollback(None, first)
    assert configured.on_disk == START
    assert store.version == first
    assert configured.news[-1].origin == "rollback"
    await store.rollback((await store.backups())[0].id, None)
    assert store.version == second


async def test_an_unknown_backup_is_refused(configured: Configured) -> None:
    with pytest.raises(UnknownBackup):
        await configured.store.rollback("../../etc/passwd", None)


async def test_an_edit_from_outside_runs(configured: Configured) -> None:
    configured.path.write_text(json.dumps(SHORTER))
    await configured.store.reload()
    assert configured.running == ["org/model"]
    assert configured.news[-1].origin == "file"
    await configured.store.reload()
    assert len(configured.applied) == 1


@pytest.mark.parametrize("content", ["{ nope", "[]", '{"chek": 1}', "\ud83d"])
async def test_a_bad_edit_is_told_once_and_what_runs_stays(
    configured: Configured, content: str
) -> None:
    version = configured.store.version
    configured.path.write_bytes(content.encode("utf-8", "surrogatepass"))
    await configured.store.reload()
    await configured.store.reload()
    (news,) = configured.news
    assert news.problems
    assert (news.version, configured.applied) == (version, [])
    assert (await configured.store.shown()).problems == news.problems
    configured.path.write_text(json.dumps(START))
    await configured.store.reload()
    assert configured.news[-1].problems == ()


async def test_a_bad_edit_can_be_overwritten_and_is_kept_as_a_backup(
    configured: Configured,
) -> None:
    configured.path.write_text("{ nope")
    await configured.store.save(SHORTER, configured.store.version)
    assert configured.on_disk == SHORTER
    assert (await configured.store.shown()).problems == ()
    (backup,) = await configured.store.backups()
    assert backup.endpoints is None
    with pytest.raises(ConfigError):
        await configured.store.rollback(backup.id, None)


async def test_an_edit_that_cannot_be_applied_is_a_problem(configured: Configured) -> None:
    configured.fails = [ApplyFailed("stopping demo", "pid 7 survived")]
    configured.path.write_text(json.dumps(SHORTER))
    await configured.store.reload()
    (problem,) = configured.news[-1].problems
    assert (problem.path, problem.message) == ("stopping demo", "pid 7 survived")
    assert configured.running == ["demo", "org/model"]


async def test_a_file_that_is_gone_is_a_problem_until_it_is_back(configured: Configured) -> None:
    content = configured.path.read_bytes()
    configured.path.unlink()
    await configured.store.reload()
    assert "does not exist" in configured.news[-1].problems[0].message
    assert configured.running == ["demo", "org/model"]
    configured.path.write_bytes(content)
    await configured.store.reload()
    assert configured.news[-1].problems == ()
