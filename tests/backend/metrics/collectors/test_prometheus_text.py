from __future__ import annotations

from llama_runner_pro.metrics.collectors.prometheus_text import samples


def test_names_lose_their_prefix_and_labels() -> None:
    text = (
        "# TYPE app:busy gauge\n"
        "app:busy 3\n"
        'app:done{model="a b",how="x"} 4.5\n'
        'app:done{model="c"} 1 1700000000000\n'
        "other:busy 9\n"
    )
    assert list(samples(text, "app:")) == [("busy", 3.0), ("done", 4.5), ("done", 1.0)]


def test_a_brace_within_a_label_is_no_end() -> None:
    assert list(samples('app:done{model="a} 7 {b"} 2\n', "app:")) == [("done", 2.0)]


def test_lines_that_are_broken_or_say_nothing_are_left_out() -> None:
    text = "app:a\napp:b x\napp:c{ 3\napp:d NaN\napp:e +Inf\napp:\napp:f{} 1\n"
    assert list(samples(text, "app:")) == [("f", 1.0)]
