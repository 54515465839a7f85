"""Ends for lack of memory, and what to try then."""

from __future__ import annotations

import pytest

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.oom import out_of_memory, smaller

CUDA = "ggml_cuda: cudaMalloc failed: out of memory"


class TestOutOfMemory:
    @pytest.mark.parametrize(("code", "signal"), [(None, "SIGKILL"), (137, None)])
    def test_a_kill_beside_a_kernels_count_is_one(
        self, code: int | None, signal: str | None
    ) -> None:
        told = out_of_memory(code, signal, counters_rose=True, log=[])
        assert told == "the kernel ended it because memory ran out"

    def test_a_kill_by_somebody_is_none(self) -> None:
        assert out_of_memory(None, "SIGKILL", counters_rose=False, log=[CUDA]) is None

    def test_an_exit_beside_somebody_elses_oom_is_none(self) -> None:
        assert out_of_memory(1, None, counters_rose=True, log=["no such file"]) is None

    @pytest.mark.parametrize(
        "line",
        [
            CUDA,
            "ErrorOutOfMemory",
            "terminate called after throwing an instance of 'std::bad_alloc'",
            "MemoryError",
            "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 99",
            "OSError: [Errno 12] Cannot allocate memory",
        ],
    )
    @pytest.mark.parametrize(("code", "signal"), [(1, None), (None, "SIGABRT"), (None, "SIGSEGV")])
    def test_what_the_log_says_last_counts(
        self, line: str, code: int | None, signal: str | None
    ) -> None:
        told = out_of_memory(code, signal, counters_rose=False, log=["loading", line, "bye"])
        assert told == f"its log says: {line}"

    def test_a_clean_end_is_none_whatever_the_log_says(self) -> None:
        assert out_of_memory(0, None, counters_rose=False, log=[CUDA]) is None

    def test_a_hint_of_llama_cpp_that_it_goes_on_is_none(self) -> None:
        line = "out of memory, retrying without pipeline parallelism"
        assert out_of_memory(1, None, counters_rose=False, log=[line]) is None

    def test_what_was_said_long_before_the_end_is_forgotten(self) -> None:
        log = [CUDA, *["serving"] * 60]
        assert out_of_memory(1, None, counters_rose=False, log=log) is None


def embedded(**parameters: object) -> EndpointSpec:
    return EndpointSpec(
        name="e",
        kind="embedded",
        port=1,
        model_path="m.gguf",
        parameters={key.replace("_", "-"): value for key, value in parameters.items()},  # type: ignore[misc]
    )


class TestSmaller:
    def test_context_and_layers_are_halved(self) -> None:
        proposal = smaller(embedded(ctx_size=8192, gpu_layers=33))
        assert proposal is not None
        assert proposal.parameters == {"ctx-size": 4096, "gpu-layers": 16}
        assert proposal.summary == "use ctx-size 4096 instead of 8192, gpu-layers 16 instead of 33"

    @pytest.mark.parametrize(("context", "less"), [(0, 2048), (900, 512), ("4096", 2048)])
    def test_a_context_shrinks_to_512_at_the_least(self, context: object, less: int) -> None:
        proposal = smaller(embedded(ctx_size=context))
        assert proposal is not None
        assert proposal.parameters == {"ctx-size": less}

    def test_the_usual_context_is_known(self) -> None:
        proposal = smaller(embedded())
        assert proposal is not None
        assert proposal.summary == "use ctx-size 2048 instead of 4096"

    @pytest.mark.parametrize("parameters", [{"ctx_size": 512}, {"ctx_size": 100, "gpu_layers": 0}])
    def test_what_cannot_shrink_is_left(self, parameters: dict[str, object]) -> None:
        assert smaller(embedded(**parameters)) is None

    def test_a_command_of_the_users_own_is_left_alone(self) -> None:
        assert smaller(EndpointSpec(name="e", kind="llamacpp", start_command=("x",))) is None
        assert smaller(EndpointSpec(name="e", kind="ollama", port=1)) is None

    def test_a_parameter_that_is_no_number_is_left_alone(self) -> None:
        proposal = smaller(embedded(ctx_size=4096, gpu_layers="all"))
        assert proposal is not None
        assert proposal.parameters == {"ctx-size": 2048}
