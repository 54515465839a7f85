#!/usr/bin/env bats
# A running sidecar goes on until the switch, comes back as it was, and is never hunted by name.
load common

@test "an upgrade stops the old one, and starts the new one with the same arguments" {
  release 1.0.0
  install
  started --port 9000 --config "a b'c.json"
  old=$(serving_pid)
  release 1.1.0
  install
  until_serving
  [ "$(cat "$ROOT_DIR/run/served")" = "1.0.0 --port 9000 --config a b'c.json
1.1.0 --port 9000 --config a b'c.json" ]
  refute kill -0 "$old"
  [ "$(readlink "/proc/$(serving_pid)/cwd")" = "$HOME" ]
}

@test "the new one has the folder and the cards of the old one, not those of the installer" {
  release 1.0.0
  install
  export CUDA_VISIBLE_DEVICES=1
  started
  export CUDA_VISIBLE_DEVICES=0
  release 1.1.0
  cd /
  install
  until_serving
  [ "$(cat "$ROOT_DIR/run/cards")" = 1 ]
  [ "$(readlink "/proc/$(serving_pid)/cwd")" = "$HOME" ]
}

@test "until the new version has proven itself, the old one serves" {
  release 1.0.0
  install
  started
  old=$(serving_pid)
  release 1.1.0 headless serve
  run install
  is_code 9
  says "does not run on this system"
  release 1.2.0 headless version
  run install
  is_code 9
  [ "$(serving_pid)" = "$old" ]
  kill -0 "$old"
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  [ "$(ls "$ROOT_DIR/versions")" = 1.0.0 ]
}

@test "a version that fails with these data is taken back by itself, and the old one serves again" {
  release 0.9.0
  install
  release 1.0.0
  install
  started --port 9000
  release 1.1.0 headless data
  run install
  is_code 10
  says "1.0.0 is back"
  until_serving
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.0.0 --port 9000" ]
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.0.0" ]
  [ "$(cat "$ROOT_DIR/previous.txt")" = 0.9.0 ]
  [ ! -e "$ROOT_DIR/versions/1.1.0" ]
}

@test "a running one that does not stop keeps everything as it is" {
  release 1.0.0 headless stop
  install
  started
  release 1.1.0
  run install
  is_code 8
  says "It does not stop."
  [ "$(current)" = versions/1.0.0 ]
  kill -0 "$(serving_pid)"
  run install --uninstall
  is_code 8
  [ "$(current)" = versions/1.0.0 ]
  kill "$(serving_pid)"
}

@test "--rollback goes back and forth between the two versions, with what runs" {
  release 1.0.0
  install
  release 1.1.0
  install
  started
  run install --rollback
  is_code 0
  until_serving
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.0.0 " ]
  [ "$(cat "$ROOT_DIR/previous.txt")" = 1.1.0 ]
  install --rollback
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.1.0" ]
}

@test "--rollback without a version before, or with a broken one, changes nothing" {
  run install --rollback
  is_code 2
  release 1.0.0
  install
  run install --rollback
  is_code 2
  release 1.1.0
  install
  echo 'exit 1' >"$ROOT_DIR/versions/1.0.0/backend/llama-runner-pro-backend"
  run install --rollback
  is_code 9
  [ "$("$PROGRAM" version)" = "llama-runner-pro 1.1.0" ]
}

@test "--start begins to serve in the background, once" {
  release 1.0.0
  run install --start
  is_code 0
  says "It runs"
  first=$(serving_pid)
  kill -0 "$first"
  run install --start
  says "runs already"
  [ "$(serving_pid)" = "$first" ]
}

@test "--start says where to look when it does not come up" {
  release 1.0.0 headless data
  run install --start
  is_code 9
  says "logs/started.log"
}

@test "what serves from elsewhere with the same data is left alone" {
  release 1.0.0
  install
  mkdir -p "$BATS_TEST_TMPDIR/elsewhere"
  cp "$ROOT_DIR/current/backend/llama-runner-pro-backend" "$BATS_TEST_TMPDIR/elsewhere/other"
  (setsid "$BATS_TEST_TMPDIR/elsewhere/other" serve >/dev/null 2>&1 3>&- </dev/null &)
  until_serving
  other=$(serving_pid)
  release 1.1.0
  install
  [ "$(serving_pid)" = "$other" ]
  install --uninstall
  kill -0 "$other"
  kill "$other"
}

@test "an old note about a sidecar whose process is gone stops nothing" {
  release 1.0.0
  install
  mkdir -p "$ROOT_DIR/run"
  sleep 0.01 &
  gone=$!
  wait "$gone"
  echo "{\"pid\": $gone, \"port\": 1}" >"$ROOT_DIR/run/sidecar.json"
  release 1.1.0
  run install
  is_code 0
  [ ! -e "$ROOT_DIR/run/served" ]
}

@test "the data folder of LLAMA_RUNNER_PRO_HOME is the one that is looked at" {
  export LLAMA_RUNNER_PRO_HOME="$HOME/data"
  release 1.0.0
  install --start
  [ -r "$HOME/data/run/sidecar.json" ]
  release 1.1.0
  install
  DATA=$HOME/data until_serving
  [ "$(tail -n 1 "$HOME/data/run/served")" = "1.1.0 " ]
}

@test "an interrupted upgrade leaves the old one serving, exits with 130, and cleans up" {
  release 1.0.0
  install
  started
  old=$(serving_pid)
  release 1.1.0
  fake tar <<'TAR'
#!/bin/sh
kill -INT "$(readlink "$HOME/.llama-runner-pro/.lock")"
exit 1
TAR
  run install
  is_code 130
  [ "$(serving_pid)" = "$old" ]
  [ "$(current)" = versions/1.0.0 ]
  [ -z "$(find "$ROOT_DIR" -maxdepth 1 -name '.*' ! -name .llama-runner-pro)" ]
}
