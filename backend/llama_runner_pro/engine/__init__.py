"""The embedded llama.cpp server, always a process of its own.

A native crash must heal like any other, so nothing in this package is imported by the sidecar: it
is started by its argument list, `python -m llama_runner_pro.engine` or `llama-runner-pro engine`.
"""
