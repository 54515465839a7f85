"""What the settings of derived models are called and mean."""

from __future__ import annotations

DERIVED_WORDS: dict[str, tuple[str, str]] = {
    "derived": (
        "Derived models",
        "A model with a system prompt and settings of its own, under another name; Ollama's "
        "create makes them, too.",
    ),
    "base": ("Made of", "The name of a model that is served here."),
    "system": ("System prompt", "Used unless a conversation brings one."),
    "DerivedModelSpec.parameters": (
        "Parameters",
        'Options as Ollama calls them, as in "temperature": 0.2; requests may say otherwise.',
    ),
    "DerivedModelSpec.stop": ("Stop texts", "Each of them ends an answer."),
    "DerivedModelSpec.messages": ("First turns", "What every chat begins with."),
    "role": ("Role", "Who says it."),
    "content": ("Text", "What is said."),
    "license": ("Licence", "Shown to clients."),
}
