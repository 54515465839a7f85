#!/usr/bin/env bats
# The start at login: a unit of systemd, an agent of launchd.
load common

unit() {
  echo "$HOME/.config/systemd/user/llama-runner-pro.service"
}

@test "--service writes a unit for the user, enables it, and takes both away again" {
  release 1.0.0
  without systemctl loginctl
  snapshot "$HOME" >"$BATS_TEST_TMPDIR/before"
  run /bin/sh "$SCRIPT" --headless --service
  is_code 0
  says "next login"
  unit=$(unit)
  grep -x "ExecStart=/bin/sh \"$PROGRAM\" serve" "$unit"
  grep -x 'Restart=on-failure' "$unit"
  grep -x 'RestartPreventExitStatus=64 69 73 77 78' "$unit"
  [ -f "$HOME/.config/systemd/user/default.target.wants/llama-runner-pro.service" ]
  /bin/sh "$SCRIPT" --uninstall
  PATH=/usr/bin:/bin
  snapshot "$HOME" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "with systemd the service is started, and an upgrade goes through it" {
  release 1.0.0
  fake systemctl <<'FAKE'
#!/bin/sh
echo "$*" >>"$HOME/../systemctl"
program=$HOME/.llama-runner-pro/bin/llama-runner-pro
case $2 in
  stop | restart) "$program" stop ;;
  is-active) "$program" status ;;
esac
case $2 in
  start | restart) (setsid "$program" serve >/dev/null 2>&1 </dev/null 3>&- &) ;;
esac
FAKE
  install --service
  until_serving
  release 1.1.0
  install
  [ "$(tail -n 1 "$ROOT_DIR/run/served")" = "1.1.0 " ]
  [ "$(cat "$HOME/../systemctl")" = "--user daemon-reload
--user start llama-runner-pro.service
--user is-active --quiet llama-runner-pro.service
--user restart llama-runner-pro.service" ]
}

@test "on macOS --service writes a launch agent and hands it to launchd" {
  mac
  TARGET=macos-arm64
  release 1.0.0
  run install --service
  is_code 0
  agent=$HOME/Library/LaunchAgents/pro.llamarunner.sidecar.plist
  python3 - "$agent" "$PROGRAM" <<'PYTHON'
import plistlib, sys
with open(sys.argv[1], "rb") as source:
    agent = plistlib.load(source)
assert agent["ProgramArguments"] == [sys.argv[2], "serve"], agent
assert agent["Label"] == "pro.llamarunner.sidecar" and agent["RunAtLoad"], agent
assert agent["KeepAlive"] == {"SuccessfulExit": False}, agent
PYTHON
  grep -F "bootstrap gui/$(id -u) $agent" "$HOME/../launchctl"
  install --uninstall
  [ ! -e "$HOME/Library" ]
}

@test "the service looks after the data folder of LLAMA_RUNNER_PRO_HOME" {
  export LLAMA_RUNNER_PRO_HOME="$HOME/my \"data\" & 100%"
  release 1.0.0
  without systemctl loginctl
  /bin/sh "$SCRIPT" --headless --service
  grep -xF "Environment=\"LLAMA_RUNNER_PRO_HOME=$HOME/my \\\"data\\\" & 100%%\"" "$(unit)"
  PATH=/usr/bin:/bin
  mac
  TARGET=macos-arm64
  release 1.0.0
  sh "$SCRIPT" --headless --service --force
  python3 - "$HOME/Library/LaunchAgents/pro.llamarunner.sidecar.plist" <<'PYTHON'
import os, plistlib, sys
with open(sys.argv[1], "rb") as source:
    agent = plistlib.load(source)
name = "LLAMA_RUNNER_PRO_HOME"
assert agent["EnvironmentVariables"] == {name: os.environ[name]}, agent
PYTHON
}

@test "systemd reads the unit of a folder with every sign in its name" {
  export HOME="$BATS_TEST_TMPDIR/Jörg 100% \$a b'c\"d\\e"
  mkdir -p "$HOME"
  release 1.0.0
  without systemctl loginctl
  /bin/sh "$SCRIPT" --headless --service
  PATH=/usr/bin:/bin
  mkdir -m 700 "$BATS_TEST_TMPDIR/runtime"
  XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime run systemd-analyze verify --user --man=no "$(unit)"
  is_code 0
}

@test "--service beside a sidecar that runs already says when the service begins" {
  release 1.0.0
  install
  started
  fake systemctl <<<'echo "$*" >>"$HOME/../systemctl"; [ "$2" != is-active ]'
  run install --service
  is_code 0
  says "the service begins at your next login"
  refute grep -F -- "--user start" "$HOME/../systemctl"
}

@test "--service and --start together begin one sidecar" {
  release 1.0.0
  fake systemctl <<'FAKE'
#!/bin/sh
program=$HOME/.llama-runner-pro/bin/llama-runner-pro
# Like the real one: back before the program has said anything.
[ "$2" != start ] ||
  (setsid sh -c "sleep 1; exec '$program' serve" >/dev/null 2>&1 </dev/null 3>&- &)
FAKE
  run install --service --start
  is_code 0
  until_serving
  [ "$(wc -l <"$ROOT_DIR/run/served")" -eq 1 ]
}
