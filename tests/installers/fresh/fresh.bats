#!/usr/bin/env bats
# The real program, from a real web server, to a computer that nobody has used yet: a Debian of
# its own with its own processes and network, so that its ports are free whatever runs here.

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
load world

setup_file() {
  export WORLD=$BATS_FILE_TMPDIR
  begin_world
}

teardown_file() { end_world; }

# serves VERSION: the sidecar is well, and it is that version.
serves() {
  there "curl -fsS http://127.0.0.1:8585/api/health" | grep '"status":"ok"'
  there "curl -fsS http://127.0.0.1:8585/api/version" | tee /dev/stderr | grep "\"version\":\"$1\""
}

home_files() {
  (cd "$ROOT/home/user" && find . -path ./.llama-runner-pro -prune -o -type f -exec sha256sum {} \;) |
    sort
}

@test "one command on a fresh computer leads to a running dashboard" {
  home_files >"$BATS_FILE_TMPDIR/before"
  run one_command --start </dev/null
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.1.0
  there "curl -fsS http://127.0.0.1:8585/" | grep -i '<div id="app"'
  there "llama-runner-pro version" | grep -x "llama-runner-pro 0.1.0"
}

@test "an upgrade with one command puts the new version in the place of the running one" {
  before=$(there "cat .llama-runner-pro/run/sidecar.json")
  publish 0.2.0
  run one_command ""
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.2.0
  [ "$before" != "$(there "cat .llama-runner-pro/run/sidecar.json")" ]
}

@test "an upgrade serves with the options, the folder and the cards of the one before" {
  there "llama-runner-pro stop"
  there "mkdir -p work && cd work && CUDA_VISIBLE_DEVICES=7 \
    setsid llama-runner-pro serve --port 8600 --no-gateway >/dev/null 2>&1 </dev/null &"
  eventually answers http://127.0.0.1:8600/api/health
  publish 0.2.1
  run one_command ""
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  there "curl -fsS http://127.0.0.1:8600/api/version" | grep '"version":"0.2.1"'
  start=$(there "cat .llama-runner-pro/run/start.json")
  [[ "$start" == *'"CUDA_VISIBLE_DEVICES":"7"'* && "$start" == *'"folder":"/home/user/work"'* ]]
  run there "curl -fsS http://127.0.0.1:1234/v1/models"
  [ "$status" -ne 0 ]
  there "llama-runner-pro stop && rmdir work"
  run one_command "--start"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a version that does not run here is refused, and the one before goes on serving" {
  publish 0.3.0 broken
  serving=$(there "cat .llama-runner-pro/run/sidecar.json")
  run one_command ""
  [ "$status" -eq 9 ] || { echo "$output"; false; }
  serves 0.2.1
  [ "$serving" = "$(there "cat .llama-runner-pro/run/sidecar.json")" ]
}

@test "going back by hand brings the version before back, and it serves" {
  run there "curl -fsSL $ADDRESS/install.sh | bash -s -- --rollback"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  serves 0.2.0
}

@test "uninstalling stops it and leaves the home as it was, but for the data" {
  run there "curl -fsSL $ADDRESS/install.sh | bash -s -- --uninstall"
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  run serves 0.2.0
  [ "$status" -ne 0 ]
  run there "ls /proc | grep '^[0-9]' | while read -r one; do cat /proc/\$one/cmdline; done"
  [[ "$output" != *llama-runner-pro* ]]
  home_files | diff "$BATS_FILE_TMPDIR/before" -
  run ls "$ROOT/home/user/.llama-runner-pro"
  for name in versions current bin env env.fish receipt.json previous.txt; do
    [ ! -e "$ROOT/home/user/.llama-runner-pro/$name" ]
  done
}
