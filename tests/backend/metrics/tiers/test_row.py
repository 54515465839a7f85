"""One step of all series together."""

from __future__ import annotations

import pytest

from llama_runner_pro.metrics.tiers.row import Row, row_of, unpacked_row


def row(*samples: dict[int, float | None]) -> Row:
    """A step with these samples."""
    found = Row(5_000, 1_000)
    for sample in samples:
        found.add_sample(sample, 1_000)
    return found


def test_one_sample_takes_four_bytes_per_series() -> None:
    content = row({1: 2.5, 2: None, 3: 7}).packed((1, 2, 3))
    assert len(content) == 12
    found = unpacked_row(content, 3)
    assert [found.counted(at) for at in range(3)] == [1, 0, 1]
    assert (found.avg[0], found.max[2]) == (2.5, 7.0)


def test_several_samples_keep_their_peaks() -> None:
    content = row({1: 1.0, 2: 5.0}, {1: 4.0, 2: None}, {1: 1.0}).packed((1, 2))
    found = unpacked_row(content, 2)
    assert (found.avg[0], found.min[0], found.max[0], found.counted(0)) == (2.0, 1.0, 4.0, 3)
    assert found.counted(1) == 1


def test_two_records_of_one_step_become_one() -> None:
    first, second = row({1: 1.0}), row({1: 3.0, 2: 9.0})
    second.merge(row_of(5_000, 1_000, first.packed((1,)), (1,)))
    found = unpacked_row(second.packed((1, 2)), 2)
    assert (found.avg[0], found.counted(0), found.avg[1]) == (2.0, 2, 9.0)


def test_a_row_of_another_length_is_damaged() -> None:
    with pytest.raises(ValueError, match="wrong length"):
        unpacked_row(b"12345", 2)
