"""The `llama-runner-pro` command. Subcommands are imported when they are asked for."""
