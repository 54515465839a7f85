#!/usr/bin/env bats
# Uninstalling: everything of ours, nothing of anybody else's, and data only when asked.
load common

@test "uninstalling leaves the home exactly as it was" {
  mkdir -p "$HOME/.config/fish/conf.d" "$HOME/.local/share/applications" "$HOME/Documents"
  printf 'x' >"$HOME/.bashrc"
  echo y >"$HOME/.zshrc"
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  release 1.0.0 desktop
  sh "$SCRIPT" --service
  release 1.1.0 desktop
  sh "$SCRIPT"
  run sh "$SCRIPT" --uninstall
  is_code 0
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "data and models stay, and their place and size are told" {
  release 1.0.0
  install --start
  mkdir -p "$ROOT_DIR/models"
  echo gguf >"$ROOT_DIR/models/big.gguf"
  echo '{}' >"$ROOT_DIR/config.json"
  run install --uninstall
  is_code 0
  says "Kept: "
  says "$ROOT_DIR"
  [ "$(ls "$ROOT_DIR")" = "config.json
logs
models
run" ]
  [ ! -e "$ROOT_DIR/run/sidecar.json" ]
}

@test "--purge deletes settings, history and logs when told yes, and never models" {
  release 1.0.0
  install --start
  mkdir -p "$ROOT_DIR/models" "$ROOT_DIR/backups"
  echo gguf >"$ROOT_DIR/models/big.gguf"
  touch "$ROOT_DIR/config.json" "$ROOT_DIR/history.db" "$ROOT_DIR/history.db-wal" "$ROOT_DIR/mine"
  run install --uninstall --purge --yes
  is_code 0
  [ "$(ls -A "$ROOT_DIR")" = "mine
models" ]
}

@test "--purge with nobody to ask changes nothing" {
  release 1.0.0
  install
  touch "$ROOT_DIR/config.json"
  run setsid -w sh "$SCRIPT" --uninstall --purge </dev/null
  is_code 2
  says "nobody to ask"
  [ -e "$ROOT_DIR/config.json" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

# asked ANSWER: uninstalls with a terminal that somebody types into, the script coming by a pipe.
asked() {
  python3 - "$SCRIPT" "$1" <<'PYTHON'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", f"cat '{sys.argv[1]}' | sh -s -- --uninstall --purge"])
heard = b""
while b"[y/N]" not in heard:
    heard += os.read(terminal, 4096)
os.write(terminal, sys.argv[2].encode() + b"\n")
try:
    while os.read(terminal, 4096):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
}

@test "--purge asks on the terminal, not in the pipe, and no means no" {
  release 1.0.0
  install
  touch "$ROOT_DIR/config.json"
  run asked n
  is_code 130
  [ -e "$ROOT_DIR/config.json" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  run asked y
  is_code 0
  [ ! -e "$ROOT_DIR" ]
}

@test "without a receipt, or with that of another folder, nothing is removed" {
  mkdir -p "$HOME/other/versions" "$HOME/other/bin"
  run install --uninstall --dir "$HOME/other"
  is_code 2
  says "no receipt.json"
  release 1.0.0
  install
  cp -r "$ROOT_DIR" "$HOME/copy"
  run install --uninstall --dir "$HOME/copy"
  is_code 2
  [ -d "$HOME/copy/versions" ]
  run install --uninstall --dir "$HOME/copy" --force
  is_code 0
  [ ! -e "$HOME/copy" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "uninstalling stops what runs, through its own command" {
  release 1.0.0
  install --start
  pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$ROOT_DIR/run/sidecar.json")
  install --uninstall
  refute kill -0 "$pid"
}

@test "uninstalling twice says that nothing is installed" {
  release 1.0.0
  install
  install --uninstall
  run install --uninstall
  is_code 2
}

@test "a program folder of its own goes entirely; the data are elsewhere" {
  release 1.0.0
  install --dir "$HOME/apps/lrp" --start
  [ -r "$ROOT_DIR/run/sidecar.json" ]
  install --uninstall --dir "$HOME/apps/lrp"
  [ ! -e "$HOME/apps/lrp" ]
  [ -d "$ROOT_DIR/logs" ]
}

@test "--purge is refused where the data folder is the home itself" {
  release 1.0.0
  install
  mkdir "$HOME/backups"
  echo mine >"$HOME/backups/mine"
  for folder in "$HOME" / "$HOME/" '~' "$(dirname "$HOME")"; do
    LLAMA_RUNNER_PRO_HOME=$folder run install --uninstall --purge --yes
    is_code 2 || { echo "$folder"; return 1; }
    [ "$(cat "$HOME/backups/mine")" = mine ]
  done
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
}

@test "a home that goes by two names is uninstalled by either" {
  echo mine >"$HOME/.bashrc"
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  release 1.0.0
  install
  ln -s "$HOME" "$BATS_TEST_TMPDIR/also"
  HOME=$BATS_TEST_TMPDIR/also install --uninstall
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}
